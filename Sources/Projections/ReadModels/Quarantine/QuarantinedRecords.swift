public import Core
public import Domain

/// Records that could not be folded, and what operators did about them.
///
/// Every owner reads all of control; a record belongs to the partition that its key has in the ownership topic, and
/// the others pass over what is done about it.
public enum QuarantinedRecords: Projection {
    public struct Tables: TableSet {
        var records: CurrentTable<QuarantineRow>
        let partition: Int32

        public init(_ maker: TableMaker) {
            records = maker.current(of: QuarantineRow.self)
            partition = maker.partition
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&records)
        }
    }

    public static let name = ProjectionName("quarantine")
    public static let fold = 1
    public static let ownership = TopicCatalog.quarantine
    public static let inputs = [TopicCatalog.quarantine, TopicCatalog.control]
    public static let wants: Set<EventType> = [
        .quarantine(.recordParked), .control(.quarantineReleased), .control(.quarantineSkipped),
        .control(.quarantinePatched),
    ]

    public static func need(of event: Event, in tables: inout Tables) {
        guard let record = event.parkedRecord, record.isOwned(by: tables.partition) else { return }
        tables.records.need(QuarantineRow.Key(record))
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard let record = event.parkedRecord else { return }
        guard record.isOwned(by: tables.partition) else {
            guard case .quarantine = event.content else { return }
            throw Refusal(
                .foldRefused, at: "$.payload.record_key", "a record of this key lies in another partition")
        }
        let key = QuarantineRow.Key(record)
        let time = Moment(event.envelope.eventTime)
        tables.records.change(key, making: QuarantineRow(key)) { row in
            row.createdAt.lower(to: time)
            row.updatedAt.raise(to: time)
            switch event.content {
            case .quarantine(.recordParked(let parked)): row.park(parked, at: time)
            case .control(let said): row.obey(said, at: time, place.offset)
            default: break
            }
        }
    }
}

extension Event {
    fileprivate var parkedRecord: ParkedKey? {
        switch content {
        case .quarantine(.recordParked(let it)): it.record
        case .control(.quarantineReleased(let it)): it.record
        case .control(.quarantineSkipped(let it)): it.record
        case .control(.quarantinePatched(let it)): it.record
        default: nil
        }
    }
}

extension ParkedKey {
    fileprivate func isOwned(by partition: Int32) -> Bool {
        let key = recordKey?.bytes ?? Array(place.utf8)
        return Murmur2Partitioner.partition(
            forKey: key, of: QuarantinedRecords.ownership.spec.partitions) == partition
    }
}

extension QuarantineRow {
    fileprivate mutating func park(_ parked: RecordParked, at time: Moment) {
        recordKey = recordKey ?? parked.record.recordKey
        letter = Letter(parked)
        parkedCount += 1
        firstParkedAt = firstParkedAt ?? time
        lastParkedAt = time
    }

    fileprivate mutating func obey(_ said: Control, at time: Moment, _ offset: Int64) {
        let word: String
        switch said {
        case .quarantineReleased: word = "released"
        case .quarantineSkipped: word = "skipped"
        case .quarantinePatched(let it):
            word = "patched"
            patch = it.patchedValue
        default: return
        }
        actionCount += 1
        action = Action(
            word: word, at: time, actor: said.order.actor, reason: said.order.reason.text, offset: offset)
    }
}
