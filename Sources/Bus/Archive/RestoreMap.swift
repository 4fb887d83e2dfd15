public import Core
internal import JSON

/// Where each record of an archive lies in the log it was restored into.
///
/// Kafka numbers records itself, so a restored log is another log with another identity; what was stored about the
/// old one must not be believed of the new one.
public struct RestoreMap: Sendable, Equatable {
    public static let format = "torghut-restore-map"
    public static let version = 1

    /// Old offsets `from..<to` moved to `newFrom` and what follows it, in the same steps.
    public struct Run: Sendable, Equatable {
        public let source: TopicPartition
        public let from: Int64
        public fileprivate(set) var to: Int64
        public let newFrom: Int64
    }

    public let oldLogID: String
    public let newLogID: String
    public private(set) var runs: [Run] = []

    public init(oldLogID: String, newLogID: String) {
        self.oldLogID = oldLogID
        self.newLogID = newLogID
    }

    /// Records come in the order of their partition.
    mutating func note(_ old: RecordPosition, became new: Int64) {
        if let last = runs.last, last.source == old.source, last.to == old.offset,
            new - last.newFrom == old.offset - last.from
        {
            runs[runs.count - 1].to += 1
        } else {
            runs.append(Run(source: old.source, from: old.offset, to: old.offset + 1, newFrom: new))
        }
    }

    /// The new place of an old record, or `nil` when it was not restored.
    public func position(of old: RecordPosition) -> RecordPosition? {
        runs.first { $0.source == old.source && $0.from <= old.offset && old.offset < $0.to }
            .map { RecordPosition(old.source, $0.newFrom + old.offset - $0.from) }
    }

    /// Refuses a checkpoint that was made on the log before the restore.
    public func admit(_ checkpoint: ConsumerPosition, madeOn logID: String) throws(LogError) {
        guard logID != newLogID else { return }
        throw LogError(
            .position,
            .refused(
                "the checkpoint of \(checkpoint.consumer) at \(checkpoint.source)/\(checkpoint.next) was made on log "
                    + "\(logID), and this is log \(newLogID): its offsets mean other records; rebuild the consumer"))
    }

    func encoded() -> [UInt8] {
        var json = JSONWriter(reserving: 96 * (runs.count + 2))
        json.object { json in
            json.field("format", Self.format)
            json.field("version", Self.version)
            json.field("old_log_id", oldLogID)
            json.field("new_log_id", newLogID)
            json.list("ranges", runs) { json, run in
                json.source(run.source)
                json.field("old_from", run.from)
                json.field("old_to", run.to)
                json.field("new_from", run.newFrom)
                json.field("new_to", run.newFrom + run.to - run.from)
            }
        }
        json.newline()
        return json.finish()
    }

    /// Reads a map that a restore left beside the manifest.
    public init(reading path: String) throws(LogError) {
        var parser = JSONParser(limits: JSONLimits(maximumBytes: 1 << 30))
        let read: RestoreMap?
        do {
            read = try Self.read(parser.parse(ArchiveInput(opening: path).readAll()))
        } catch {
            throw .archiveDamaged(path, "\(error)")
        }
        guard let read else { throw .archiveDamaged(path, "it is not a restore map of version \(Self.version)") }
        self = read
    }

    private static func read(_ root: JSONValue) -> RestoreMap? {
        guard root.field("format")?.string == format, root.field("version")?.int64 == Int64(version),
            let old = root.field("old_log_id")?.string, let new = root.field("new_log_id")?.string,
            let runs = root.list("ranges", { Run($0) })
        else { return nil }
        var map = RestoreMap(oldLogID: old, newLogID: new)
        map.runs = runs
        return map
    }
}

extension RestoreMap.Run {
    fileprivate init?(_ value: JSONValue) {
        guard let source = TopicPartition(value), let from = value.field("old_from")?.int64,
            let to = value.field("old_to")?.int64, let newFrom = value.field("new_from")?.int64
        else { return nil }
        self.init(source: source, from: from, to: to, newFrom: newFrom)
    }
}
