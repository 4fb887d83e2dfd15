internal import Core
internal import Domain

extension ReadModel {
    static let quarantine = ReadModel(
        name: "quarantine", ownership: TopicCatalog.quarantine,
        inputs: [TopicCatalog.quarantine, TopicCatalog.control],
        wants: [
            .quarantine(.recordParked), .control(.quarantineReleased), .control(.quarantineSkipped),
            .control(.quarantinePatched),
        ],
        tables: [
            Table(
                name: "quarantine",
                key: ["projection", "projection_version", "source_topic", "source_partition", "source_offset"])
        ],
        judge: { PlaceJudge(partition: $0) },
        rows: { told, partition in
            let own = told.compactMap { QuarantineTold($0) }.filter { $0.home == partition }
            let stories = grouped(own) { told in
                key(
                    told.record.projection.text, "\(told.record.projectionVersion)", told.record.sourceTopic.text,
                    "\(told.record.sourcePartition)", "\(told.record.sourceOffset)")
            }
            return ["quarantine": stories.map(QuarantineTold.row)]
        })

    /// Refuses what lies where it does not belong.
    private struct PlaceJudge: Judge {
        let partition: Int32

        mutating func refuses(_ told: Told) -> Bool {
            guard case .quarantine = told.event.content else { return false }
            return QuarantineTold(told)?.home != partition
        }
    }
}

/// What was told of one parked record: that it was parked, or what an operator did.
struct QuarantineTold {
    struct Action {
        let word: String
        let order: ControlOrder
        let patch: Octets?
    }

    let told: Told
    let record: ParkedKey
    private var parked: RecordParked?
    private var action: Action?

    init?(_ told: Told) {
        self.told = told
        switch told.event.content {
        case .quarantine(.recordParked(let event)): (record, parked) = (event.record, event)
        case .control(.quarantineReleased(let event)):
            (record, action) = (event.record, Action(word: "released", order: event.order, patch: nil))
        case .control(.quarantineSkipped(let event)):
            (record, action) = (event.record, Action(word: "skipped", order: event.order, patch: nil))
        case .control(.quarantinePatched(let event)):
            (record, action) = (
                event.record, Action(word: "patched", order: event.order, patch: event.patchedValue)
            )
        default: return nil
        }
    }

    /// The partition the record belongs to.
    var home: Int32 {
        let place = "\(record.sourceTopic.text)/\(record.sourcePartition)/\(record.sourceOffset)"
        return Murmur2Partitioner.partition(
            forKey: record.recordKey?.bytes ?? Array(place.utf8), of: TopicCatalog.quarantine.spec.partitions)
    }
}

extension QuarantineTold {
    static func row(_ all: [QuarantineTold]) -> NaiveRow {
        var row = NaiveRow()
        let parked = all.filter { $0.parked != nil }
        let actions = all.filter { $0.action != nil }
        let (record, last) = (all[0].record, actions.last)
        row.set("projection", record.projection)
        row.set("projection_version", record.projectionVersion)
        row.set("source_topic", record.sourceTopic)
        row.set("source_partition", record.sourcePartition)
        row.set("source_offset", record.sourceOffset)
        row.set("record_key", parked.lazy.compactMap(\.record.recordKey).first)
        set(&row, parked.last?.parked)
        row.set("parked_count", parked.count)
        row.set("first_parked_at", parked.first?.told.time)
        row.set("last_parked_at", parked.last?.told.time)
        row.set("last_action", text: last?.action?.word)
        row.set("last_action_at", last?.told.time)
        row.set("last_action_by", last?.action?.order.actor)
        row.set("last_action_reason", last?.action?.order.reason)
        row.set("last_action_offset", last?.told.position.offset)
        row.set("action_count", actions.count)
        row.set("patched_value", actions.compactMap(\.action?.patch).last)
        row.set(times: all.map(\.told.time))
        var status = last?.action?.word ?? "parked"
        if let acted = last?.told.time, let failed = parked.last?.told.time, failed > acted { status = "parked" }
        row.set("status", text: status)
        return row
    }

    private static func set(_ row: inout NaiveRow, _ parked: RecordParked?) {
        row.set("park_reason", parked?.parkReason)
        row.set("event_type", parked?.eventType)
        row.set("event_version", parked?.eventVersion)
        row.set("error_path", parked?.errorPath)
        row.set("detail", parked?.detail)
        row.set("record_value", parked?.recordValue)
        row.set("record_bytes", parked?.recordBytes)
        row.set("record_truncated", parked?.recordTruncated)
        row.set("record_sha256", parked?.recordSHA256)
        row.set("record_timestamp", parked?.recordTimestamp)
        row.set("headers_json", parked?.headersJSON)
    }
}
