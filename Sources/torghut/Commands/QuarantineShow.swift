import Core
import JSON
import Projections
import Runtime

/// Everything about one parked record.
enum QuarantineShow {
    static let record = Operand(name: "TOPIC/P/O", summary: "the record: topic, partition and offset")

    static let command = Command(
        "quarantine show", "show one parked record, with its bytes",
        details: "One answer for each projection that parked it; a settled one has no bytes any more.",
        options: [QuarantineList.projection], operand: record, answerNo: "no projection has parked it"
    ) { invocation in
        let database = try invocation.database(invocation.settings())
        let position = try RecordPosition(named: invocation.requiredOperand())
        var query = QuarantineDesk.Query(limit: ReadModels.all.count)
        query.projection = try QuarantineList.known(invocation.value("projection"))
        query.record = position
        query.states = []
        let entries = try await QuarantineDesk(database, ReadModels.all).entries(query)
        for entry in entries { try print(entry, json: invocation.json) }
        if entries.isEmpty { StandardError.line("no projection has parked \(position)") }
        return entries.isEmpty ? .no : .ok
    }

    private static func print(_ entry: QuarantineDesk.Entry, json isJSON: Bool) throws {
        let row = entry.row
        var json = JSONWriter()
        json.object { json in
            json.field("record", row.place.position.description)
            json.field("projection", entry.projection)
            json.field("version", entry.version)
            json.field("partition", entry.partition)
            json.field("state", row.state)
            json.field("reason", row.reason)
            json.field("path", row.path)
            json.field("detail", row.detail)
            json.field("event_type", row.eventType)
            json.field("record_ts", Timestamp(milliseconds: row.recordTime.microseconds / 1_000)?.description)
            json.key("settled_by")
            if let offset = row.settledBy { json.integer(offset) } else { json.null() }
            bytes(row.recordKey, "key", "key_b64", &json)
            bytes(row.value, "value", "value_b64", &json)
        }
        json.newline()
        guard !isJSON else { return try StandardOutput().write(json.finish()) }
        let lines: [(String, String?)] = [
            ("record", row.place.position.description),
            ("projection", "\(entry.projection) v\(entry.version)/\(entry.partition)"), ("state", row.state),
            ("reason", row.reason), ("path", row.path), ("detail", row.detail), ("event type", row.eventType),
            ("settled by", row.settledBy.map { "torghut.control.v1/0/\($0)" }),
            ("key", row.recordKey.map { String(decoding: $0, as: UTF8.self) }),
            ("value", row.value.map { String(decoding: $0, as: UTF8.self) }),
        ]
        for (name, text) in lines { try StandardOutput().line("\(name.padded(to: 11))\(text ?? "-")") }
    }

    private static func bytes(
        _ bytes: [UInt8]?, _ name: StaticString, _ base64: StaticString, _ json: inout JSONWriter
    ) {
        guard let bytes else { return json.field(name, nil as String?) }
        if let text = String(validating: bytes, as: UTF8.self) { return json.field(name, text) }
        json.key(base64)
        // Safe: read inside the call only.
        json.string(utf8: unsafe Base64.encode(bytes.span.bytes))
    }
}
