public import Core

/// Computes verdicts again, from the records that they were computed from: of the log it needs all but the canary's own
/// topic.
public struct CanaryReplay: Sendable {
    private struct Lane: Sendable {
        var records: [(event: Event, position: LogPosition)] = []
        var next = 0
    }

    private var lanes: [String: Lane] = [:]
    private var evaluations: [(id: EventID, evaluation: CanaryEvaluated)] = []
    private var fold = CanaryFold()
    private var window = Duration.zero

    /// What it wants to be given.
    public static let types = CanaryFold.types.union([.control(.canaryEvaluated)])

    public init() {}

    /// Records of one partition come in their order; partitions in any.
    public mutating func add(_ event: Event, at position: LogPosition) {
        if case .control(.canaryEvaluated(let evaluation)) = event.content {
            evaluations.append((event.envelope.eventID, evaluation))
        }
        lanes[CanaryPlace.key(position), default: Lane()].records.append((event, position))
    }

    /// Every evaluation on the log with the verdicts that follow from it, in the order of the log.
    public mutating func verdicts(
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
        let needed = Duration.microseconds(evaluation.terms.windowMicroseconds)
        let limits = Dictionary(
            evaluation.vector.positions.map { (CanaryPlace.key($0), $0.offset) }, uniquingKeysWith: max)
        let isBehind = lanes.contains { key, lane in
            lane.next > 0 && lane.records[lane.next - 1].position.offset >= limits[key] ?? 0
        }
        // Another window remembers another stretch, and what was folded cannot be taken back.
        if window != needed || isBehind {
            fold = CanaryFold()
            window = needed
            lanes = lanes.mapValues { Lane(records: $0.records) }
        }
        for (key, limit) in limits {
            guard var lane = lanes.removeValue(forKey: key) else { continue }
            while lane.next < lane.records.count, lane.records[lane.next].position.offset < limit {
                fold.fold(lane.records[lane.next].event, at: lane.records[lane.next].position, keeping: window)
                lane.next += 1
            }
            lanes[key] = lane
        }
    }
}
