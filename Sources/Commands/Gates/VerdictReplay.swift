public import Core
public import Domain
internal import Folding

/// Computes the canary's verdicts again from the log, all but the canary's own topic, and hands them out as it reads.
///
/// It folds each partition as far as an evaluation had seen and no further, so what it holds does not grow with the
/// log. Windows of another length remember another stretch: for each length there is a pass of its own.
public final class VerdictReplay {
    /// What it found besides verdicts.
    public struct Findings: Sendable {
        /// Evaluations by rules that are not known any more.
        public internal(set) var otherRules: Int64 = 0
        /// When those were made: one stretch for each time that another program judged.
        public internal(set) var otherTimes: [ClosedRange<Timestamp>] = []
        /// What stands in the way of a yes.
        public var faults: [String] = []
    }

    /// Further faults are not told one by one.
    public static let maximumFaults = 256

    private let log: any EventLog
    private let mint: Mint
    private let window: Duration
    private let (start, end): (Timestamp, Timestamp)
    private let control: ReplayCursor
    private var fold = CanaryFold()
    private var cursors: [String: ReplayCursor] = [:]
    private var unread = UnreadRecords()
    private var reader = EventReading(wanting: CanaryFold.types)
    private var found = Findings()

    private init(
        _ log: any EventLog, _ control: ReplayCursor, _ window: Duration, _ start: Timestamp, _ end: Timestamp,
        _ mint: Mint
    ) {
        self.log = log
        self.control = control
        self.window = window
        self.start = start
        self.end = end
        self.mint = mint
    }

    /// One pass: every evaluation of this time that remembers such a stretch, in the order of the log.
    public nonisolated(nonsending) static func open(
        _ log: any EventLog, remembering window: Duration, from start: Timestamp = .earliest,
        to end: Timestamp = .latest, mint: Mint
    ) async throws(LogError) -> VerdictReplay {
        let control = try await ReplayCursor.open(log, ControlView.source, wanting: [.control(.canaryEvaluated)])
        return VerdictReplay(log, control, window, start, end, mint)
    }

    public nonisolated(nonsending) func close() async {
        await control.close()
        for cursor in cursors.values { await cursor.close() }
    }

    /// What stands in the way of a yes, once all was read.
    public var findings: Findings {
        var findings = found
        findings.faults += unread.places.map { "\($0) cannot be read" }
        if unread.overflow > 0 { findings.faults.append("\(unread.overflow) more records cannot be read") }
        return findings
    }

    /// Whether verdicts of this evaluation can be computed again.
    public static func knows(_ evaluation: CanaryEvaluated) -> Bool {
        evaluation.rules.map(CanaryFold.knownRules.contains) ?? false
    }

    /// The lengths of the stretches that evaluations of this time remember, and the faults of control itself.
    public static func lengths(
        _ log: any EventLog, from start: Timestamp = .earliest, to end: Timestamp = .latest
    ) async throws(LogError) -> (lengths: [Duration], findings: Findings) {
        var (found, findings) = (Set<Duration>(), Findings())
        var isKnown = true
        let unread = try await LogScan.read(
            log, [ControlView.source], wanting: [.control(.canaryEvaluated)]
        ) { event, _ in
            guard case .control(.canaryEvaluated(let evaluation)) = event.content, evaluation.evaluatedAt >= start,
                evaluation.evaluatedAt < end
            else { return }
            defer { isKnown = knows(evaluation) }
            guard !knows(evaluation) else {
                found.insert(evaluation.terms.remembered)
                return
            }
            findings.otherRules += 1
            findings.note(evaluation.evaluatedAt, isNew: isKnown)
        }
        findings.faults = unread.prefix(maximumFaults).map(\.description)
        return (found.sorted(), findings)
    }

    private func fault(_ what: String) {
        if found.faults.count < Self.maximumFaults { found.faults.append(what) }
    }

    /// The verdicts of the next evaluation; `nil` when there is none.
    public nonisolated(nonsending) func next() async throws(LogError) -> [Event]? {
        while let (record, _) = try await control.next(before: .max) {
            guard case .fact(let event) = record.content,
                case .control(.canaryEvaluated(let evaluation)) = event.content, evaluation.evaluatedAt >= start,
                evaluation.evaluatedAt < end, Self.knows(evaluation), evaluation.terms.remembered == window
            else { continue }
            let id = event.envelope.eventID
            guard try await advance(to: evaluation, id) else { continue }
            return CanaryGate.verdicts(of: evaluation, id: id, given: fold, mint: mint)
        }
        return nil
    }

    /// False when this log does not have what the evaluation had seen.
    private nonisolated(nonsending) func advance(to evaluation: CanaryEvaluated, _ id: EventID) async throws(LogError)
        -> Bool
    {
        // Control last: what was patched there was read before what it patches was passed.
        let order = evaluation.vector.positions.sorted {
            (Self.isControl($0) ? 1 : 0, "\($0.topic)", $0.partition) < (
                Self.isControl($1) ? 1 : 0, "\($1.topic)", $1.partition
            )
        }
        for position in order {
            let cursor = try await cursor(position)
            while let (record, place) = try await cursor.next(before: position.offset) {
                switch record.content {
                case .fact(let event): take(event, at: place)
                case .unreadable(let fault): unread.note(fault)
                }
            }
            // What was folded cannot be taken back: a writer that had seen less than the one before it is no gate of
            // ours.
            guard cursor.reached == position.offset || (cursor.reached == 0 && position.offset == 0) else {
                let (topic, partition) = (position.topic, position.partition)
                fault(
                    "evaluation \(id) had seen \(topic)/\(partition) up to \(position.offset), which is "
                        + "\(cursor.reached < position.offset ? "behind the end of this log" : "less than one before it")"
                )
                return false
            }
        }
        return true
    }

    private static func isControl(_ position: LogPosition) -> Bool { position.topic.text == TopicCatalog.control.name }

    private nonisolated(nonsending) func cursor(_ position: LogPosition) async throws(LogError) -> ReplayCursor {
        let key = "\(position.topic)/\(position.partition)"
        if let cursor = cursors[key] { return cursor }
        let source = TopicPartition(position.topic.text, Int32(position.partition))
        let cursor = try await ReplayCursor.open(log, source, wanting: CanaryFold.types)
        cursors[key] = cursor
        return cursor
    }

    private func take(_ event: Event, at place: RecordPosition) {
        fold.fold(event, at: LogPosition(of: place), keeping: window)
        // What an operator wants folded in a record's place is folded there, when he says so.
        guard case .control(let word) = event.content, let patch = unread.fold(word) else { return }
        switch patch.read(by: &reader) {
        case .fact(let event, _, _)?:
            let instead = LogPosition(
                topic: patch.place.topic, partition: patch.place.partition, offset: patch.place.offset)
            fold.fold(event, at: instead, keeping: window)
        case .passed?: break
        case .unknownType?, .unknownVersion?, nil: unread.refuse(patch)
        }
    }
}

extension VerdictReplay.Findings {
    /// One more evaluation by other rules; a new stretch begins where known ones lie between.
    fileprivate mutating func note(_ moment: Timestamp, isNew: Bool) {
        guard !isNew, let last = otherTimes.last else {
            // Nobody changes programs so often: the last stretch takes in what comes then.
            if otherTimes.count < VerdictReplay.maximumFaults { otherTimes.append(moment...moment) }
            return
        }
        otherTimes[otherTimes.count - 1] =
            min(last.lowerBound, moment)...max(last.upperBound, moment)
    }

    /// Whether a verdict of this moment is of an evaluation by other rules.
    public func isOther(_ moment: Timestamp) -> Bool { otherTimes.contains { $0.contains(moment) } }
}
