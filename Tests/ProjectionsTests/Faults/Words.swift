import Core
import Domain
import Projections
import TestSupport

/// Records that nobody can fold, and the words of operators about them.
struct Words {
    var random: SplitMix64
    private var number: Int64 = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    enum Kind: CaseIterable { case release, skip, patch }

    mutating func event(
        _ kind: Kind, about record: RecordPosition, of projection: String, patch: [UInt8] = []
    ) throws -> Event {
        number += 1
        let at = Timestamp(nanoseconds: 1_780_000_000_000_000_000 + number * 1_000_000)
        let envelope = Envelope(
            eventID: EventID(hashed: UInt64(number), random.next()), eventTime: at, ingestTime: at, seq: number,
            source: try SourceName("test"), correlation: StoryID(hashed: UInt64(number), 2))
        let order = ControlOrder(
            
            scope: .record(
                Cause(topic: record.source.topic, partition: record.source.partition, offset: record.offset)),
            actor: try ActorName("operator"), reason: try Prose("because"))
        let key = ParkedKey(
            projection: try Label(projection), projectionVersion: 1, sourceTopic: try TopicName(record.source.topic),
            sourcePartition: Int64(record.source.partition), sourceOffset: record.offset)
        switch kind {
        case .release: return Event(envelope, .control(.quarantineReleased(QuarantineReleased(order: order, record: key))))
        case .skip: return Event(envelope, .control(.quarantineSkipped(QuarantineSkipped(order: order, record: key))))
        case .patch:
            return Event(
                envelope,
                .control(
                    .quarantinePatched(
                        QuarantinePatched(
                            order: order, record: key, patchedValue: try Octets(patch), originalSHA256: ContentHash((0, 0, 0, 0))))))
        }
    }
}
