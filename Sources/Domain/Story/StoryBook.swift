public import Core

/// Many stories at once, each from its own records, in bounded memory: what an audit keeps while it reads the log.
///
/// A story that ended whole and is quiet leaves; one that is not whole when room is needed is named as suspect. Who
/// audits looks at suspects again, with all that belongs to them: so leaving early never makes a hole, nor hides one.
public struct StoryBook: Sendable {
    public struct Limits: Sendable {
        /// Stories that are held at once.
        public var open = 20_000
        /// An ended story without a new record for so long leaves.
        public var quiet = Duration.seconds(900)
        /// Suspects that are remembered.
        public var suspects = 100_000
        /// Broker's ids that are known to be of a story, also after it left.
        public var links = 500_000

        public init() {}
    }

    private struct HeldStory {
        var records: [StoryRecord] = []
        var last = Timestamp.earliest
        /// Judged as it stands: without a new record it comes to the same.
        var isJudged = false
    }

    public let limits: Limits
    /// Only these are kept; `nil` keeps all.
    private let only: Set<DecisionHash>?
    private var entries: [DecisionHash: HeldStory] = [:]
    private var decisions: [String: DecisionHash] = [:]
    private var older: [String: DecisionHash] = [:]
    public private(set) var suspects: Set<DecisionHash> = []
    /// Suspects for which there was no room.
    public private(set) var forgotten = 0
    /// Records about orders of which nothing else is known.
    public private(set) var foreign = 0

    public init(_ limits: Limits = Limits(), only: Set<DecisionHash>? = nil) {
        self.limits = limits
        self.only = only
    }

    public var count: Int { entries.count }
    public var isFull: Bool { entries.count > limits.open }

    /// Takes a record in; its story is found by any of its ids.
    public mutating func add(_ record: StoryRecord) {
        let names = StoryNames(of: record)
        guard let decision = names.decision ?? known(by: names.own) else {
            if !names.own.isEmpty { foreign += 1 }
            return
        }
        if let only, !only.contains(decision) { return }
        for name in names.own where self.decision(of: name) == nil { link(name, decision) }
        var entry = entries.removeValue(forKey: decision) ?? HeldStory()
        entry.records.append(record)
        entry.last = max(entry.last, record.takenIn)
        entry.isJudged = false
        entries[decision] = entry
    }

    private func known(by names: Set<String>) -> DecisionHash? {
        for name in names.sorted() { if let decision = decision(of: name) { return decision } }
        return nil
    }

    private func decision(of name: String) -> DecisionHash? { decisions[name] ?? older[name] }

    /// Two halves, of which the older goes when the younger is full.
    private mutating func link(_ name: String, _ decision: DecisionHash) {
        if decisions.count >= limits.links / 2 {
            older = decisions
            decisions = [:]
        }
        decisions[name] = decision
    }

    /// Lets go of what ended whole and is quiet; answers what left, with whether it was whole.
    public mutating func sweep(at moment: Timestamp, _ judge: ([StoryRecord]) -> Bool) -> Int {
        var left = 0
        for (decision, entry) in entries where !entry.isJudged && moment.since(entry.last) > limits.quiet {
            guard judge(entry.records) else {
                entries[decision]?.isJudged = true
                continue
            }
            entries[decision] = nil
            left += 1
        }
        guard isFull else { return left }
        let oldest = entries.sorted { ($0.value.last, $0.key) < ($1.value.last, $1.key) }
        for (decision, _) in oldest.prefix(entries.count - limits.open / 2) {
            suspect(decision)
            entries[decision] = nil
        }
        return left
    }

    public mutating func suspect(_ decision: DecisionHash) {
        if suspects.count < limits.suspects || suspects.contains(decision) {
            suspects.insert(decision)
        } else {
            forgotten += 1
        }
    }

    /// What is held, in the order of the decisions' hashes.
    public var held: [(decision: DecisionHash, records: [StoryRecord])] {
        entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value.records) }
    }
}
