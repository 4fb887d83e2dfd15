internal import Core
internal import JSON
internal import Postgres

/// Records that hold up their keys now, in the versions that serve: each once, with all who parked it.
enum WaitingRecords {
    static let limits: ClosedRange<Int64> = 1...200
    static let defaultLimit: Int64 = 50
    /// Of what waits behind a record so many are named.
    static let maximumBehind = 20
    /// Of a record's text so many bytes are told.
    static let maximumText = 16_384

    static let parameters = [
        Parameter("record", .name(maximum: 300), "This record alone, and its text: TOPIC/PARTITION/OFFSET"),
        Parameter("limit", .integer(limits), "At most so many records; \(defaultLimit) unless it is said."),
    ]

    /// `$1` is a record or null, `$2` how many; `projections` are names of the program's.
    static func sql(_ projections: [(name: String, version: Int64)]) -> String {
        """
        WITH waiting AS (\(projections.map(one).joined(separator: " UNION ALL ")))
        SELECT source_topic, source_partition::bigint, source_offset, (array_agg(record_key))[1], min(record_ts),
            min(event_type), max(bytes)::bigint, (array_agg(value))[1],
            json_agg(json_build_object('projection', projection, 'version', version, 'partition', log_partition,
                'reason', park_reason, 'path', error_path, 'detail', detail, 'behind', behind,
                'behind_offsets', coalesce(behind_offsets, '{}')) ORDER BY projection, log_partition),
            count(*) OVER (), (sum(count(*)) OVER ())::bigint, (sum(sum(behind)) OVER ())::bigint
        FROM waiting
        WHERE $1::text IS NULL OR source_topic || '/' || source_partition || '/' || source_offset = $1::text
        GROUP BY source_topic, source_partition, source_offset
        ORDER BY source_topic COLLATE "C", source_partition, source_offset LIMIT $2
        """
    }

    /// A record without a key holds up nobody.
    private static func one(_ projection: (name: String, version: Int64)) -> String {
        """
        SELECT '\(projection.name)'::text AS projection, \(projection.version)::bigint AS version, head.log_partition,
            head.source_topic, head.source_partition, head.source_offset,
            head.record_key, head.park_reason, head.error_path, head.detail, head.event_type, head.record_ts,
            octet_length(head.record_value) AS bytes,
            CASE WHEN $1::text IS NOT NULL THEN substring(head.record_value FOR \(maximumText)) END AS value,
            coalesce(late.behind, 0) AS behind, late.offsets AS behind_offsets
        FROM \(projection.name)_parked AS head LEFT JOIN (
            SELECT log_partition, source_topic, source_partition, record_key, count(*) AS behind,
                (array_agg(source_offset ORDER BY source_offset))[1:\(maximumBehind)] AS offsets
            FROM \(projection.name)_parked WHERE state = 'deferred'
            GROUP BY log_partition, source_topic, source_partition, record_key
        ) AS late USING (log_partition, source_topic, source_partition, record_key)
        WHERE head.state = 'parked'
        """
    }

    /// Nothing waits anywhere.
    static var nothing: [UInt8] { written(records: 0, parked: 0, behind: 0) { _ in } }

    static func written(_ rows: Rows) -> [UInt8] {
        guard rows.count > 0 else { return nothing }
        let (records, parked) = (rows.integer(0, 9) ?? 0, rows.integer(0, 10) ?? 0)
        return written(records: records, parked: parked, behind: rows.integer(0, 11) ?? 0) { json in
            for row in 0..<rows.count { write(rows, row, &json) }
        }
    }

    private static func written(
        records: Int64, parked: Int64, behind: Int64, _ items: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter(reserving: 4_096)
        json.object { json in
            json.number("records", records)
            json.number("parked", parked)
            json.number("behind", behind)
            json.key("items")
            json.array(items)
        }
        return json.finish()
    }

    private static func write(_ rows: Rows, _ row: Int, _ json: inout JSONWriter) {
        let topic = rows.text(row, 0) ?? ""
        let (partition, offset) = (rows.integer(row, 1) ?? 0, rows.integer(row, 2) ?? 0)
        json.object { json in
            json.key("record")
            json.string("\(topic)/\(partition)/\(offset)")
            json.key("topic")
            json.string(topic)
            json.number("partition", partition)
            json.number("offset", offset)
            json.bytes("key", rows.copy(row, 3))
            json.key("record_at")
            if let time = rows.bytes(row, 4) { json.string(RowText.time(time)) } else { json.null() }
            json.key("event_type")
            if let type = rows.text(row, 5) { json.string(type) } else { json.null() }
            json.number("bytes", rows.integer(row, 6))
            json.bytes("value", rows.copy(row, 7))
            json.key("projections")
            if let projections = rows.bytes(row, 8) { json.raw(projections) } else { json.null() }
        }
    }

    static let shape = Shape.object(
        [
            Shape.Field("records", .integer(0 ... .max), "How many hold up a key; fewer may be listed."),
            Shape.Field("parked", .integer(0 ... .max), "How often they are parked: once in each read model."),
            Shape.Field("behind", .integer(0 ... .max), "How many wait behind them, in each read model for itself."),
            Shape.Field("items", .list(item, maximum: Int(limits.upperBound)), "In the order of the log."),
        ], isClosed: true)

    private static let item = Shape.object(
        [
            Shape.Field("record", .any), Shape.Field("topic", .any), Shape.Field("partition", .integer(0 ... .max)),
            Shape.Field("offset", .integer(0 ... .max)),
            Shape.Field("key", .any, "Null without a key, and where it is no text."),
            Shape.Field("record_at", .nullable(.timestamp)), Shape.Field("event_type", .any),
            Shape.Field("bytes", .nullable(.integer(0 ... .max))),
            Shape.Field("value", .any, "Of the record that was asked for, where it is text: its first 16 KiB."),
            Shape.Field("projections", .list(.any, maximum: 1_000), "Who parked it, why, and what waits behind it."),
        ], isClosed: true)
}

extension JSONWriter {
    /// Bytes that are text; others, and none, are null.
    fileprivate mutating func bytes(_ name: StaticString, _ bytes: [UInt8]?) {
        key(name)
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { return null() }
        string(text)
    }
}
