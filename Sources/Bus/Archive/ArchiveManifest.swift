public import Core

/// What an archive holds: written last, so that it names only files that are whole.
public struct ArchiveManifest: Sendable, Equatable {
    public static let format = "torghut-archive"
    public static let version = 1
    public static let fileName = "manifest.json"

    /// A topic as it was when it was last exported; a restore makes it again from this.
    public struct Topic: Sendable, Equatable {
        public let name: String
        public let partitions: Int32
        public let identity: String?
        public let settings: [String: String]
    }

    /// Offsets `from..<to` of one partition, holes included.
    public struct Range: Sendable, Equatable {
        public let source: TopicPartition
        public let from: Int64
        public internal(set) var to: Int64
    }

    /// One archive file and everything needed to check it.
    public struct File: Sendable, Equatable {
        /// Relative to the archive's folder.
        public let path: String
        public let source: TopicPartition
        public let firstOffset: Int64
        public let lastOffset: Int64
        public let records: Int64
        public let firstTime: Int64
        public let lastTime: Int64
        public let bytes: Int64
        public let sha256: String
        /// XXH3 of the last record as it lies in the file: the same record must still be in the log to go on.
        public let lastRecord: String
    }

    /// One restore of this archive into a log that gave the records other offsets.
    public struct Restored: Sendable, Equatable {
        public let logID: String
        public let map: String
    }

    public internal(set) var logID: String
    public internal(set) var topics: [Topic] = []
    public internal(set) var ranges: [Range] = []
    /// What retention removed from the log before it was archived.
    public internal(set) var lost: [Range] = []
    public internal(set) var files: [File] = []
    public internal(set) var restored: [Restored] = []

    public var records: Int64 { files.reduce(0) { $0 + $1.records } }
    public var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    public func topic(_ name: String) -> Topic? { topics.first { $0.name == name } }
    public func ranges(of source: TopicPartition) -> [Range] { ranges.filter { $0.source == source } }
    public func files(of source: TopicPartition) -> [File] { files.filter { $0.source == source } }
    public var sources: [TopicPartition] { Set(ranges.map(\.source)).sorted() }

    mutating func note(_ topic: Topic) {
        topics.removeAll { $0.name == topic.name }
        topics.append(topic)
        topics.sort { $0.name < $1.name }
    }

    /// Extends what is held of a partition up to `to`; a start behind the end so far opens a range of its own.
    mutating func cover(_ source: TopicPartition, from: Int64, to: Int64) {
        if let last = ranges.lastIndex(where: { $0.source == source }), ranges[last].to == from {
            ranges[last].to = to
        } else {
            ranges.append(Range(source: source, from: from, to: to))
            ranges.sort { ($0.source, $0.from) < ($1.source, $1.from) }
        }
    }

    /// Says what no true manifest says: files outside their ranges, out of order, or on top of each other.
    func contradiction() -> String? {
        for source in Set(files.map(\.source)).union(sources).sorted() {
            var end: Int64 = -1
            let ranges = ranges(of: source)
            for range in ranges {
                guard range.from >= end, range.to >= range.from else { return "ranges of \(source) overlap" }
                end = range.to
            }
            end = -1
            for file in files(of: source) {
                guard file.firstOffset > end, file.lastOffset >= file.firstOffset, file.records > 0,
                    ranges.contains(where: { $0.from <= file.firstOffset && file.lastOffset < $0.to })
                else { return "\(file.path) lies outside the ranges of \(source) or on another file" }
                end = file.lastOffset
            }
        }
        return files.first { !Self.isPlain($0.path) }.map { "\($0.path) leads out of the archive" }
    }

    private static func isPlain(_ path: String) -> Bool {
        !path.hasPrefix("/")
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
