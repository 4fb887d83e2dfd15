internal import Core
public import JSON

/// One message of Alpaca's update stream.
public enum StreamFrame: Sendable, Equatable {
    case authorized
    case unauthorized(String)
    /// The streams that are granted: one that was refused is simply missing.
    case listening([String])
    case update(StreamUpdate)
    /// The broker complains, with a code where it has one.
    case complaint(code: Int64?, String)
    /// JSON that is none of these.
    case other
}

/// Why a message is none.
public enum StreamFrameFault: Error, Equatable, Sendable {
    case malformed(JSONError)
    /// It calls itself an update, and carries none.
    case noData
}

/// Reads the broker's messages; text and binary ones carry the same JSON.
public struct StreamFrameReader: ~Copyable {
    private var parser = JSONParser()

    public init() {}

    public mutating func read(_ bytes: [UInt8]) throws(StreamFrameFault) -> StreamFrame {
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch { throw .malformed(error) }
        // The streams of market data speak in lists; some complaints come that way too.
        if var elements = root.elements() {
            guard let first = elements.next() else { return .other }
            return Self.complaint(first) ?? .other
        }
        guard root.isOf(.object) else { return .other }
        let data = root.field("data")
        switch root.field("stream")?.string {
        case "trade_updates":
            guard let data, let update = StreamUpdate(data) else { throw .noData }
            return .update(update)
        case "authorization":
            let status = data?.field("status")?.string ?? ""
            if status == "authorized" { return .authorized }
            let said = data?.field("message")?.string ?? data?.field("error")?.string ?? status
            return said.contains("connection limit")
                ? .complaint(code: 406, Self.cut(said)) : .unauthorized(Self.cut(said))
        case "listening":
            var streams: [String] = []
            if var names = data?.field("streams")?.elements() {
                while let name = names.next() { if let text = name.string { streams.append(text) } }
            }
            return .listening(streams)
        default: return Self.complaint(root) ?? .other
        }
    }

    /// Complaints as the different streams of one broker spell them.
    private static func complaint(_ value: JSONValue) -> StreamFrame? {
        let data = value.field("data")
        let isOne =
            value.field("T")?.string == "error" || value.field("stream")?.string == "error"
            || value.field("action")?.string == "error"
        guard isOne else { return nil }
        var code = value.field("code")?.int64 ?? data?.field("code")?.int64
        code = code ?? data?.field("error_code")?.int64
        var text = value.field("msg")?.string ?? data?.field("error")?.string
        text = text ?? data?.field("error_message")?.string ?? data?.field("msg")?.string
        let said = text ?? ""
        if code == nil, said.contains("connection limit") { code = 406 }
        return .complaint(code: code, cut(said))
    }

    /// Enough of the broker's words for a line of a log.
    private static func cut(_ text: String) -> String { String(text.prefix(200)) }
}
