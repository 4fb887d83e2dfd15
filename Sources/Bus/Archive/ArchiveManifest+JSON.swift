internal import Core
internal import Digest
internal import JSON

/// The manifest as JSON. Its last member is the SHA-256 of every byte before that member's comma, so that damage to
/// the manifest itself is found too.
extension ArchiveManifest {
    private static let seal = #","manifest_sha256":""#

    func encoded() -> [UInt8] {
        var json = JSONWriter(reserving: 512 * (files.count + 2))
        json.beginObject()
        json.field("format", Self.format)
        json.field("version", Self.version)
        json.field("log_id", logID)
        json.list("topics", topics) { $1.write(into: &$0) }
        json.list("ranges", ranges) { $1.write(into: &$0) }
        json.list("lost", lost) { $1.write(into: &$0) }
        json.list("files", files) { $1.write(into: &$0) }
        json.list("restored", restored) { json, entry in
            json.field("log_id", entry.logID)
            json.field("map", entry.map)
        }
        json.endObject()
        var bytes = json.finish()
        bytes.removeLast()
        let sum = Self.hexadecimal(SHA256.hash(bytes))
        bytes += Array((Self.seal + sum + "\"}\n").utf8)
        return bytes
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Reads a manifest and refuses one that is damaged, of another format, or at odds with itself.
    static func decoded(_ bytes: [UInt8], path: String) throws(LogError) -> ArchiveManifest {
        try checkSeal(bytes, path: path)
        var parser = JSONParser()
        let manifest: ArchiveManifest?
        do {
            manifest = try read(parser.parse(bytes))
        } catch {
            throw .archiveDamaged(path, "\(error)")
        }
        guard let manifest else {
            throw .archiveDamaged(path, "a member is missing or of the wrong kind, or the version is not \(version)")
        }
        if let contradiction = manifest.contradiction() { throw .archiveDamaged(path, contradiction) }
        return manifest
    }

    private static func checkSeal(_ bytes: [UInt8], path: String) throws(LogError) {
        let tail = seal.utf8.count + 64 + 3
        guard bytes.count > tail else { throw .archiveDamaged(path, "too short for a manifest") }
        let body = Array(bytes[..<(bytes.count - tail)])
        let expected = Array((seal + hexadecimal(SHA256.hash(body)) + "\"}\n").utf8)
        guard bytes[body.count...].elementsEqual(expected) else {
            throw .archiveDamaged(path, "manifest_sha256 does not match its text")
        }
    }

    private static func read(_ root: JSONValue) -> ArchiveManifest? {
        guard root.field("format")?.string == format, root.field("version")?.int64 == Int64(version),
            let logID = root.field("log_id")?.string
        else { return nil }
        var manifest = ArchiveManifest(logID: logID)
        guard
            let topics = root.list("topics", { Topic($0) }), let ranges = root.list("ranges", { Range($0) }),
            let lost = root.list("lost", { Range($0) }), let files = root.list("files", { File($0) }),
            let restored = root.list("restored", { Restored($0) })
        else { return nil }
        manifest.topics = topics
        manifest.ranges = ranges
        manifest.lost = lost
        manifest.files = files
        manifest.restored = restored
        return manifest
    }
}

extension ArchiveManifest.Topic {
    fileprivate func write(into json: inout JSONWriter) {
        json.field("name", name)
        json.field("partitions", partitions)
        if let identity { json.field("identity", identity) }
        json.key("settings")
        json.beginObject()
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            json.key(key)
            json.string(value)
        }
        json.endObject()
    }

    fileprivate init?(_ value: JSONValue) {
        guard let name = value.field("name")?.string, let count = value.field("partitions")?.int64,
            let partitions = Int32(exactly: count), let settings = value.field("settings"),
            var fields = settings.fields()
        else { return nil }
        var read: [String: String] = [:]
        while let field = fields.next() {
            guard let text = field.value.string else { return nil }
            read[field.name] = text
        }
        self.init(name: name, partitions: partitions, identity: value.field("identity")?.string, settings: read)
    }
}

extension ArchiveManifest.Range {
    func write(into json: inout JSONWriter) {
        json.source(source)
        json.field("from", from)
        json.field("to", to)
    }

    fileprivate init?(_ value: JSONValue) {
        guard let source = TopicPartition(value), let from = value.field("from")?.int64,
            let to = value.field("to")?.int64
        else { return nil }
        self.init(source: source, from: from, to: to)
    }
}

extension ArchiveManifest.File {
    fileprivate func write(into json: inout JSONWriter) {
        json.field("path", path)
        json.source(source)
        json.field("first_offset", firstOffset)
        json.field("last_offset", lastOffset)
        json.field("records", records)
        json.field("first_time", firstTime)
        json.field("last_time", lastTime)
        json.field("bytes", bytes)
        json.field("sha256", sha256)
        json.field("last_record_xxh3", lastRecord)
    }

    fileprivate init?(_ value: JSONValue) {
        guard let source = TopicPartition(value), let path = value.field("path")?.string,
            let first = value.field("first_offset")?.int64, let last = value.field("last_offset")?.int64,
            let records = value.field("records")?.int64, let firstTime = value.field("first_time")?.int64,
            let lastTime = value.field("last_time")?.int64, let bytes = value.field("bytes")?.int64,
            let sha256 = value.field("sha256")?.string, let hash = value.field("last_record_xxh3")?.string
        else { return nil }
        self.init(
            path: path, source: source, firstOffset: first, lastOffset: last, records: records, firstTime: firstTime,
            lastTime: lastTime, bytes: bytes, sha256: sha256, lastRecord: hash)
    }
}

extension ArchiveManifest.Restored {
    fileprivate init?(_ value: JSONValue) {
        guard let logID = value.field("log_id")?.string, let map = value.field("map")?.string else { return nil }
        self.init(logID: logID, map: map)
    }
}
