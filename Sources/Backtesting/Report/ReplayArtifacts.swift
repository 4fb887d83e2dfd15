internal import Digest
public import Engine

/// What a run leaves behind, byte for byte: the files that are offered, and the hash over all of them.
public struct ReplayArtifacts: Sendable, Equatable {
    public struct File: Sendable, Equatable {
        public let name: String
        public let contentType: String
        public let bytes: [UInt8]

        public init(name: String, contentType: String, bytes: [UInt8]) {
            self.name = name
            self.contentType = contentType
            self.bytes = bytes
        }

        public var sha256: String { HexText.of(SHA256.hash(bytes)) }
    }

    public let files: [File]

    public init(_ files: [File]) { self.files = files }

    /// Nothing in them tells of the machine or the time of the run: the same plan gives the same bytes.
    public init(_ result: ReplayResult, of plan: Replay) {
        files = [
            File(name: "report.json", contentType: "application/json", bytes: ReportText.bytes(result, of: plan)),
            File(name: "trades.jsonl", contentType: "application/x-ndjson", bytes: TradesText.bytes(result, of: plan)),
            File(name: "equity.jsonl", contentType: "application/x-ndjson", bytes: EquityText.bytes(result)),
            File(name: "equity.svg", contentType: "image/svg+xml", bytes: EquityPlot.bytes(result)),
        ]
    }

    /// SHA-256 over each file's name, length and bytes, in order.
    public var replayHash: String {
        var hasher = SHA256()
        for file in files {
            let head = Array("\(file.name)\n\(file.bytes.count)\n".utf8)
            unsafe hasher.update(head.span.bytes)
            unsafe hasher.update(file.bytes.span.bytes)
        }
        return HexText.of(hasher.finish())
    }
}
