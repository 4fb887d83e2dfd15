import Core
import Domain

/// The log: one list, and an epoch that fences whoever lost the partition.
struct SimulatedLog {
    struct Record {
        let event: Event
        let cause: Cause
    }

    private(set) var records: [Record] = []
    private(set) var ownerEpoch: Int64 = 0
    private(set) var prepared: [AttemptID: AttemptPrepared] = [:]
    private var offsets: [String: Int64] = [:]

    /// A new owner; the one before it can append no more.
    mutating func acquire() -> Int64 {
        ownerEpoch += 1
        return ownerEpoch
    }

    /// The router's append: all of it or nothing, and nothing from a former owner.
    mutating func append(_ events: [Event], epoch: Int64) -> Bool {
        guard epoch == ownerEpoch else { return false }
        for event in events { append(event) }
        return true
    }

    /// Anybody else's append.
    @discardableResult
    mutating func append(_ event: Event) -> Cause {
        let topic = event.content.type.family.topic.name
        let cause = Cause(topic: topic, partition: 0, offset: offsets[topic, default: 0])
        offsets[topic, default: 0] += 1
        records.append(Record(event: event, cause: cause))
        if case .route(.attemptPrepared(let event)) = event.content { prepared[event.key.attemptID] = event }
        return cause
    }

    /// The state that the log alone gives.
    func folded(upTo count: Int? = nil, under timing: RoutingPolicy.Timing) -> RouterState {
        var state = RouterState()
        for record in records.prefix(count ?? records.count) {
            state.fold(record.event, at: record.cause, under: timing)
        }
        return state
    }
}

/// A hash of everything that happened, in order: equal runs have equal traces.
struct Trace {
    private(set) var hash: UInt64 = 0x1234_5678_9ABC_DEF0
    private(set) var length = 0

    mutating func add(_ value: UInt64) {
        hash = (hash ^ value) &* 0xBF58_476D_1CE4_E5B9
        hash ^= hash >> 27
        length += 1
    }

    mutating func add(_ event: Event) {
        add(event.envelope.eventID.high)
        add(event.envelope.eventID.low)
        add(UInt64(bitPattern: event.envelope.ingestTime.nanoseconds))
    }
}
