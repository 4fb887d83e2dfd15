internal import Core
internal import Domain

/// What the route events of a partition add up to: a fold, so it can be compared with the log at any time.
struct RouteCounts: Sendable, Equatable {
    /// A counter, and the values of its labels in their order.
    struct Key: Hashable, Comparable, Sendable {
        enum Counter: String, Sendable {
            case requests
            case fallbacks
            case fallbackReasons
            case leanRequests
            case leanFailures
        }

        let counter: Counter
        let first: String
        var second = ""

        static func < (left: Key, right: Key) -> Bool {
            (left.counter.rawValue, left.first, left.second) < (right.counter.rawValue, right.first, right.second)
        }
    }

    /// What is asked of LEAN, in the original's words.
    enum LeanOperation: String, Sendable {
        case submitOrder = "submit_order"
        case cancelOrder = "cancel_order"
    }

    private(set) var counts: [Key: UInt64] = [:]
    /// How long LEAN took to answer submits: so many per bucket, the last above every bound, and all of it.
    private(set) var latencyBuckets = Array(repeating: UInt64(0), count: RouterMetrics.latencyBuckets.count + 1)
    private(set) var latencyMicroseconds: Int64 = 0

    /// Counts one event; every event of an outcome counts once.
    mutating func fold(_ event: Route) {
        switch event {
        case .attemptPrepared(let event):
            let adapter = event.evidence.executionAdapter
            add(Key(counter: .requests, first: adapter.rawValue))
            if adapter == .lean { add(Key(counter: .leanRequests, first: LeanOperation.submitOrder.rawValue)) }
        case .attemptAccepted(let event): answered(event.evidence, event.reply, nil)
        // It never left: nothing was asked of LEAN.
        case .attemptRejected(let event) where event.rejectionClass == .local: break
        case .attemptRejected(let event):
            // A business rejection is the broker's answer, so LEAN did its work.
            let failure = event.rejectionClass == .brokerRejected ? nil : event.failureTaxonomy
            answered(event.evidence, event.reply, failure)
        case .attemptUnknown(let event): answered(event.evidence, event.reply, event.failureTaxonomy)
        case .fallbackDecided(let event):
            add(Key(counter: .fallbacks, first: event.fromAdapter.rawValue, second: event.toAdapter.rawValue))
            add(Key(counter: .fallbackReasons, first: event.executionFallbackReason.text))
        case .cancelRequested(let event):
            guard event.executionAdapter == .lean else { return }
            add(Key(counter: .leanRequests, first: LeanOperation.cancelOrder.rawValue))
        case .cancelRefused(let event):
            if event.executionAdapter == .lean, !event.isFinal { failed(.cancelOrder, event.failureTaxonomy) }
        case .attemptSent, .attemptResolved, .intentHeld, .intentReleased, .intentWithdrawn, .cancelConfirmed,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            break
        }
    }

    private mutating func answered(_ evidence: RouteEvidence, _ reply: AdapterReply, _ failure: FailureTaxonomy?) {
        guard evidence.executionAdapter == .lean else { return }
        if let failure { failed(.submitOrder, failure) }
        guard let latency = reply.latencyMicroseconds else { return }
        let bounds = RouterMetrics.latencyBuckets
        latencyBuckets[bounds.firstIndex { Double(latency) / 1e6 <= $0 } ?? bounds.count] += 1
        latencyMicroseconds += latency
    }

    private mutating func failed(_ operation: LeanOperation, _ taxonomy: FailureTaxonomy) {
        add(Key(counter: .leanFailures, first: operation.rawValue, second: taxonomy.rawValue))
    }

    private mutating func add(_ key: Key) { counts[key, default: 0] += 1 }

    /// What was added since an earlier state of the same fold.
    func subtracting(_ earlier: RouteCounts) -> RouteCounts {
        var rest = RouteCounts()
        for (key, count) in counts where count > earlier.counts[key, default: 0] {
            rest.counts[key] = count - earlier.counts[key, default: 0]
        }
        rest.latencyBuckets = zip(latencyBuckets, earlier.latencyBuckets).map { $0 - min($0, $1) }
        rest.latencyMicroseconds = max(0, latencyMicroseconds - earlier.latencyMicroseconds)
        return rest
    }
}

extension RouteCounts {
    func write(to writer: inout StateWriter) {
        writer.rows(counts.sorted { $0.key < $1.key }.map { CountRow($0.key, $0.value) })
        writer.number(UInt64(latencyBuckets.count))
        for count in latencyBuckets { writer.number(count) }
        writer.number(UInt64(latencyMicroseconds))
    }

    init(from reader: inout StateReader) throws(StateFault) {
        for row in try reader.rows(of: CountRow.self) {
            guard let key = row.key else { throw StateFault("a counter that is none of ours") }
            counts[key] = UInt64(max(0, row.count))
        }
        guard try reader.number() == UInt64(latencyBuckets.count) else { throw StateFault("other buckets") }
        for index in latencyBuckets.indices { latencyBuckets[index] = try reader.number() }
        latencyMicroseconds = Int64(truncatingIfNeeded: try reader.number())
    }
}

/// One counter as a snapshot keeps it.
private struct CountRow: FieldRecord {
    var counter: Code
    var first: Code
    var second: Code?
    var count: Int64

    init(_ key: RouteCounts.Key, _ count: UInt64) {
        counter = Code(trusted: key.counter.rawValue)
        first = Code(trusted: key.first)
        second = key.second.isEmpty ? nil : Code(trusted: key.second)
        self.count = Int64(truncatingIfNeeded: count)
    }

    var key: RouteCounts.Key? {
        RouteCounts.Key.Counter(rawValue: counter.text)
            .map { RouteCounts.Key(counter: $0, first: first.text, second: second?.text ?? "") }
    }

    init(unread: Unread) {
        counter = unread()
        first = unread()
        count = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("counter", &counter, "Which.")
        try fields.field("first", &first, "Its first label.")
        try fields.field("second", &second, "Its second label.")
        try fields.field("count", &count, "How many.")
    }
}
