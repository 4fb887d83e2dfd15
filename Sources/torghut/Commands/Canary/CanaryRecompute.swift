import Commands
import Core
import Domain
import Folding
import Runtime
import Wire

/// Computes every verdict again from what it was computed from, and holds it against what was said.
enum CanaryRecompute {
    static let command = Command(
        "canary recompute", "compute verdicts again from the log, and compare them with what was said",
        details: """
            An evaluation on control names its moment, its terms and the positions it had seen; the verdicts follow \
            from these and the log, and are compared byte by byte. Without the canary's own topic on the log they are \
            compared with those of another one (--against), or only printed.
            """,
        options: [
            .valued("from", "TIME", "only evaluations from here on, RFC 3339"),
            .valued("to", "TIME", "only evaluations before this moment"),
            .valued("against", "ADDRESS", "the log that has the verdicts, when this one has lost them"),
        ],
        answerNo: "a verdict comes out differently, is missing on either side, or a record cannot be read"
    ) { invocation in
        let from = try CanaryReading.moment(invocation, "from") ?? .earliest
        let to = try CanaryReading.moment(invocation, "to") ?? .latest
        let settings = try invocation.settings()
        let computed = try await OpenedLog.using(settings, to: .read) { opened in
            try await compute(opened.log, from, to)
        }
        let other = try invocation.settings(log: invocation.value("against"))
        let said = try await OpenedLog.using(other, to: .read) { opened in
            try await verdicts(opened.log, from, to, except: computed.otherRules)
        }
        for fault in computed.unread { StandardError.line("torghut: \(fault)") }
        if !computed.otherRules.isEmpty {
            StandardError.line(
                "torghut: \(computed.otherRules.count) evaluations are by other rules than \(CanaryFold.rules), "
                    + "and are not computed again")
        }
        let answer = try compare(computed.verdicts, said, json: invocation.json)
        return computed.unread.isEmpty ? answer : .no
    }

    private struct Computed {
        var verdicts: [Event] = []
        var otherRules: Set<EventID> = []
        var unread: [String] = []
    }

    private static func compute(_ log: any EventLog, _ from: Timestamp, _ to: Timestamp) async throws -> Computed {
        var replay = CanaryReplay()
        var words: [(word: Control, position: LogPosition)] = []
        let unread = try await LogScan.read(
            log,
            LogScan.partitions([
                TopicCatalog.control, TopicCatalog.route, TopicCatalog.orderIntents, TopicCatalog.orderEvents,
                TopicCatalog.leanShadow,
            ]), wanting: CanaryReplay.types.union([.control(.quarantinePatched), .control(.quarantineSkipped)])
        ) { event, place in
            switch event.content {
            case .control(let word) where word.kind == .quarantinePatched || word.kind == .quarantineSkipped:
                words.append((word, LogPosition(of: place)))
            default: replay.add(event, at: LogPosition(of: place))
            }
        }
        let rest = patch(&replay, unread, words)
        let verdicts = replay.verdicts(from: from, to: to, mint: EventMint.mint).flatMap(\.verdicts)
        return Computed(verdicts: verdicts, otherRules: replay.otherRules, unread: rest)
    }

    /// What an operator wants folded in a record's place is folded there; answers what still cannot be read.
    private static func patch(
        _ replay: inout CanaryReplay, _ unread: [Unreadable], _ words: [(word: Control, position: LogPosition)]
    ) -> [String] {
        var rest: [UnreadPlace: String] = [:]
        for fault in unread {
            let place = UnreadPlace(fault.position)
            rest[place] = fault.description
            var records = UnreadRecords()
            records.note(fault)
            for (word, position) in words {
                guard records.count > 0 else { break }
                let patch = records.fold(word)
                if records.count == 0 { rest[place] = nil }
                guard let patch else { continue }
                var reader = EventReading(wanting: CanaryReplay.types)
                switch patch.read(by: &reader) {
                case .fact(let event, _, _)?:
                    let instead = LogPosition(
                        topic: place.topic, partition: place.partition, offset: place.offset)
                    replay.add(event, at: position, insteadOf: instead)
                case .passed?: break
                case .unknownType?, .unknownVersion?, nil: rest[place] = fault.description
                }
            }
        }
        return rest.values.sorted()
    }

    /// `nil` when the log has no such topic.
    private static func verdicts(
        _ log: any EventLog, _ from: Timestamp, _ to: Timestamp, except others: Set<EventID>
    ) async throws -> [Event]? {
        let known = try await log.describe()
        guard known.contains(where: { $0.name == TopicCatalog.canary.name }) else { return nil }
        var said: [Event] = []
        // None is left out for want of room: a log is compared as a whole, however long it is.
        let unread = try await LogScan.read(log, CanaryReading.topic, wanting: [.canary(.canaryJudged)]) { event, _ in
            guard case .canary(.canaryJudged(let verdict)) = event.content, event.envelope.eventTime >= from,
                event.envelope.eventTime < to, verdict.evaluationEventID.map({ !others.contains($0) }) ?? true
            else { return }
            said.append(event)
        }
        for fault in unread { StandardError.line("torghut: \(fault)") }
        return said
    }

    private static func compare(_ computed: [Event], _ said: [Event]?, json: Bool) throws -> ExitCode {
        var listing = Listing("id", "evaluated_at", "breach_type", "verdict", "result")
        var encoder = EventEncoder()
        var rest: [EventID: Event] = [:]
        for event in said ?? [] { rest[event.envelope.eventID] = event }
        var isEqual = true
        for event in computed {
            var result = "recomputed"
            if said != nil {
                let known = rest.removeValue(forKey: event.envelope.eventID)
                let same = known.map { encoder.encode($0) == encoder.encode(event) }
                result = same.map { $0 ? "equal" : "different" } ?? "missing"
            }
            isEqual = isEqual && (result == "equal" || said == nil)
            add(event, result, to: &listing)
        }
        for event in (said ?? []) where rest[event.envelope.eventID] != nil {
            isEqual = false
            add(event, "not_recomputed", to: &listing)
        }
        try listing.print(json: json)
        if !json {
            try StandardOutput().line(
                said == nil
                    ? "\(computed.count) verdicts recomputed; nothing to compare them with"
                    : "\(computed.count) verdicts recomputed: \(isEqual ? "all equal" : "NOT all equal")")
        }
        return isEqual ? .ok : .no
    }

    private static func add(_ event: Event, _ result: String, to listing: inout Listing) {
        guard case .canary(.canaryJudged(let verdict)) = event.content else { return }
        listing.add(
            .text("\(event.envelope.eventID)"), .text("\(verdict.window.evaluatedAt)"),
            .text(verdict.breachType.rawValue), .text(verdict.window.verdict.rawValue), .text(result))
    }
}
