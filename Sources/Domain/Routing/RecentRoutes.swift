public import Core

/// What happened lately on the routes: fallbacks by symbol, and how LEAN did.
public struct RecentRoutes: FieldRecord {
    /// The fallbacks of one symbol, oldest first.
    public struct Fallbacks: KeyedRow {
        public var symbol: Symbol
        public var times: [Timestamp]
        /// A person who closed a review had seen the fallbacks until then: they count no more.
        public var reviewedAt: Timestamp?
        public var key: Symbol { symbol }

        init(symbol: Symbol) {
            self.symbol = symbol
            times = []
        }

        public init(unread: Unread) {
            symbol = unread()
            times = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("symbol", &symbol, "Which.")
            try fields.list("times", &times, 0...RecentRoutes.maximum, "When.")
            try fields.field("reviewed_at", &reviewedAt, "When a person had seen them.")
        }
    }

    /// Of each kind so many are remembered; older ones fall out.
    public static let maximum = 1024

    private var fallbacks = KeyedRows<Fallbacks>()
    private var prepared: [Timestamp] = []
    private var succeeded: [Timestamp] = []
    private var failed: [Timestamp] = []

    public init() {}
    public init(unread: Unread) {}

    mutating func fold(_ event: Route, _ envelope: Envelope) {
        let now = envelope.ingestTime
        switch event {
        case .fallbackDecided:
            guard let symbol = envelope.symbol else { return }
            var row = fallbacks[symbol] ?? Fallbacks(symbol: symbol)
            Self.append(now, to: &row.times)
            fallbacks.put(row)
        case .attemptPrepared(let event) where event.evidence.executionAdapter == .lean:
            Self.append(now, to: &prepared)
        case .attemptAccepted(let event) where event.evidence.executionAdapter == .lean:
            Self.append(now, to: &succeeded)
        case .attemptRejected(let event) where event.evidence.executionAdapter == .lean:
            switch event.rejectionClass {
            // A business rejection is the broker's answer, so LEAN did its work.
            case .brokerRejected: Self.append(now, to: &succeeded)
            // It never left, so LEAN was not asked.
            case .local: break
            case .contractInvalid, .notSent, .authRejected: Self.append(now, to: &failed)
            }
        case .attemptUnknown(let event) where event.evidence.executionAdapter == .lean:
            Self.append(now, to: &failed)
        default: break
        }
    }

    mutating func fold(_ event: Control, _ envelope: Envelope) {
        guard case .symbolReviewClosed(let event) = event else { return }
        var row = fallbacks[event.symbol] ?? Fallbacks(symbol: event.symbol)
        row.reviewedAt = max(row.reviewedAt ?? envelope.ingestTime, envelope.ingestTime)
        fallbacks.put(row)
    }

    private static func append(_ moment: Timestamp, to times: inout [Timestamp]) {
        if times.count == maximum { times.removeFirst(maximum / 2) }
        times.append(moment)
    }

    func fallbackCount(of symbol: Symbol, since start: Timestamp) -> Int64 {
        guard let row = fallbacks[symbol] else { return 0 }
        return Int64(row.times.count { $0 >= start && $0 > row.reviewedAt ?? .earliest })
    }

    /// Attempts through LEAN that were prepared after this moment.
    func prepared(after moment: Timestamp) -> Int64 { Int64(prepared.count { $0 > moment }) }

    func requests(since start: Timestamp) -> Int64 {
        Int64(succeeded.count { $0 >= start }) + failures(since: start)
    }

    func failures(since start: Timestamp) -> Int64 { Int64(failed.count { $0 >= start }) }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fallbacks.walk("fallbacks", &fields)
        try fields.list("prepared", &prepared, 0...Self.maximum, "Prepared attempts.")
        try fields.list("succeeded", &succeeded, 0...Self.maximum, "Attempts that LEAN answered.")
        try fields.list("failed", &failed, 0...Self.maximum, "Attempts that it did not.")
    }
}
