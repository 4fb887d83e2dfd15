import Core
import Domain

/// Computes verdicts again with the whole log in memory: as simply as can be, beside what reads it piece by piece.
struct MemoryReplay {
    private struct Lane {
        /// A record that was patched lies where it was patched, and is folded as the one whose place it takes.
        var records: [(event: Event, offset: Int64, position: LogPosition)] = []
        var next = 0
    }

    private var lanes: [String: Lane] = [:]
    private var evaluations: [(id: EventID, evaluation: CanaryEvaluated)] = []
    /// Evaluations by other rules than these, which are not computed again.
    private(set) var otherRules: Set<EventID> = []
    private var fold = CanaryFold()
    private var window = Duration.zero

    /// What it wants to be given.
    static let types = CanaryFold.types.union([.control(.canaryEvaluated)])

    init() {}

    /// Records of one partition come in their order, patches of them at any time; partitions in any.
    mutating func add(_ event: Event, at position: LogPosition, insteadOf place: LogPosition? = nil) {
        if case .control(.canaryEvaluated(let evaluation)) = event.content {
            // What was counted by other rules comes out differently, and says nothing of anybody.
            if CanaryFold.knownRules.contains(evaluation.rules ?? 0) {
                evaluations.append((event.envelope.eventID, evaluation))
            } else {
                otherRules.insert(event.envelope.eventID)
            }
        }
        let key = Self.key(position)
        var lane = lanes.removeValue(forKey: key) ?? Lane()
        var end = lane.records.endIndex
        while end > 0, lane.records[end - 1].offset > position.offset { end -= 1 }
        lane.records.insert((event, position.offset, place ?? position), at: end)
        lanes[key] = lane
    }

    /// Every evaluation on the log with the verdicts that follow from it, in the order of the log.
    mutating func verdicts(
        from start: Timestamp = .earliest, to end: Timestamp = .latest, mint: Mint
    ) -> [(id: EventID, evaluation: CanaryEvaluated, verdicts: [Event])] {
        evaluations.filter { $0.evaluation.evaluatedAt >= start && $0.evaluation.evaluatedAt < end }.map {
            advance(to: $0.evaluation)
            return (
                $0.id, $0.evaluation,
                CanaryGate.verdicts(of: $0.evaluation, id: $0.id, given: fold, mint: mint)
            )
        }
    }

    /// Folds as far as the evaluation had seen, and not one record further.
    private mutating func advance(to evaluation: CanaryEvaluated) {
        let needed = evaluation.terms.remembered
        let limits = Dictionary(
            evaluation.vector.positions.map { (Self.key($0), $0.offset) }, uniquingKeysWith: max)
        let isBehind = lanes.contains { key, lane in
            lane.next > 0 && lane.records[lane.next - 1].offset >= limits[key] ?? 0
        }
        // Another window remembers another stretch, and what was folded cannot be taken back.
        if window != needed || isBehind {
            fold = CanaryFold()
            window = needed
            lanes = lanes.mapValues { Lane(records: $0.records) }
        }
        // Control last: what was patched there was read before what it patches was passed.
        let control = "\(TopicCatalog.control.name)/"
        for (key, limit) in limits.sorted(by: {
            ($0.key.hasPrefix(control) ? 1 : 0, $0.key) < ($1.key.hasPrefix(control) ? 1 : 0, $1.key)
        }) {
            guard var lane = lanes.removeValue(forKey: key) else { continue }
            while lane.next < lane.records.count, lane.records[lane.next].offset < limit {
                fold.fold(lane.records[lane.next].event, at: lane.records[lane.next].position, keeping: window)
                lane.next += 1
            }
            lanes[key] = lane
        }
    }

    private static func key(_ position: LogPosition) -> String { "\(position.topic)/\(position.partition)" }
}
