public import Core

/// How often each outcome of the shadow lane lies on the log: a fold, so that a restart counts on where it was.
public struct ShadowTally: FieldRecord {
    /// One outcome, and how often.
    public struct Count: FieldRecord {
        public private(set) var name: Code
        public internal(set) var total: Int64

        init(_ name: String, _ total: Int64) {
            self.name = Code(trusted: name)
            self.total = total
        }

        public init(unread: Unread) {
            name = unread()
            total = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("name", &name, "Which.")
            try fields.field("total", &total, "How often.")
        }
    }

    /// By what was judged; whatever is judged again counts again.
    public private(set) var statuses: [Count] = []
    /// By what was wrong or missing.
    public private(set) var failures: [Count] = []

    public init() {}
    public init(unread: Unread) {}

    /// A simulation that waits for its fill is no outcome yet.
    mutating func count(_ event: ShadowSimulated) {
        guard event.parityStatus != .unknown else { return }
        Self.add(event.parityStatus.rawValue, to: &statuses)
        if let failure = event.failureTaxonomy { Self.add(failure.rawValue, to: &failures) }
    }

    mutating func count(_ event: ShadowFailed) {
        Self.add(ParityStatus.error.rawValue, to: &statuses)
        Self.add(event.failureTaxonomy.rawValue, to: &failures)
    }

    mutating func count(_ event: ShadowParityJudged) {
        Self.add(event.parityStatus.rawValue, to: &statuses)
        if let failure = event.failureTaxonomy { Self.add(failure.rawValue, to: &failures) }
    }

    static func add(_ name: String, to counts: inout [Count]) {
        let place = counts.firstIndex { $0.name.text >= name } ?? counts.count
        if place < counts.count, counts[place].name.text == name {
            counts[place].total += 1
        } else {
            counts.insert(Count(name, 1), at: place)
        }
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.list("statuses", &statuses, 0...1_024, "By status.")
        try fields.list("failures", &failures, 0...1_024, "By failure.")
    }
}
