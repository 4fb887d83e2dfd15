import Core
import Domain
import Runtime
import Threading

/// Incidents of the canary: listed, looked at, and ended by a person.
enum CanaryIncidentCommands {
    private static let operand = Operand(name: "ID", summary: "the incident's key, as it is listed")

    static let list = Command(
        "canary incidents list", "list what the canary broke, oldest first",
        details: "From the log. Without --all only open ones. One incident of each cause is open at most.",
        options: [.switched("all", "resolved ones too")], answerNo: "an incident is open"
    ) { invocation in
        try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let (history, unread) = try await CanaryReading.history(opened.log)
            var listing = Listing(
                "incident", "breach_type", "state", "severity", "rolled_back", "observed", "limit", "worst", "updates",
                "opened_at", "updated_at", "resolution", "resolved_by", "reason")
            for incident in history.incidents where invocation.has("all") || incident.isOpen {
                listing.add(
                    .text(incident.key.text), .text(incident.opened.breachType.rawValue),
                    .text(incident.isOpen ? "open" : "resolved"), .text(incident.opened.severity.rawValue),
                    .flag(incident.isRolledBack), .text("\(incident.opened.observed)"),
                    .text("\(incident.opened.threshold)"), .text("\(incident.worst)"), .number(incident.updates),
                    .text("\(incident.openedAt)"), .text("\(incident.updatedAt)"),
                    .optional(incident.resolved?.resolution.rawValue), .optional(incident.resolved?.actor.text),
                    .optional(incident.resolved?.reason.text))
            }
            if invocation.json || !listing.isEmpty { try listing.print(json: invocation.json) }
            if listing.isEmpty {
                StandardError.line("no incident \(invocation.has("all") ? "ever was" : "is open")")
            }
            for fault in unread { StandardError.line("torghut: \(fault)") }
            return history.incidents.contains(where: \.isOpen) ? .no : .ok
        }
    }

    static let show = Command(
        "canary incidents show", "show an incident with its evidence",
        details: "From the log: what opened it, and how it ended.", operand: operand,
        answerNo: "there is no such incident"
    ) { invocation in
        let key = try invocation.requiredOperand()
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            guard let incident = try await CanaryReading.history(opened.log).history[key] else {
                return refuse("there is no incident \(key)")
            }
            var listing = Listing("what", "value")
            let opened = incident.opened
            let facts: [(String, String?)] = [
                ("incident", key), ("breach_type", opened.breachType.rawValue),
                ("state", incident.isOpen ? "open" : "resolved"), ("severity", opened.severity.rawValue),
                ("rolled_back", incident.isRolledBack ? "yes" : "no"), ("observed", "\(opened.observed)"),
                ("limit", "\(opened.threshold)"), ("worst", "\(incident.worst)"), ("updates", "\(incident.updates)"),
                ("symbols", opened.symbols.map(\.text).joined(separator: ",")), ("opened_at", "\(incident.openedAt)"),
                ("updated_at", "\(incident.updatedAt)"), ("verdict_event_id", "\(opened.verdictEventID)"),
                ("evidence", opened.evidenceJSON.description),
                ("resolution", incident.resolved?.resolution.rawValue), ("resolved_by", incident.resolved?.actor.text),
                ("reason", incident.resolved?.reason.text),
                ("resolved_at", incident.resolved.map { "\($0.resolvedAt)" }),
            ]
            for (what, value) in facts { listing.add(.text(what), .optional(value)) }
            try listing.print(json: invocation.json)
            return .ok
        }
    }

    static let resolve = Command(
        "canary incidents resolve", "say that an incident is over, and why",
        details: """
            What was counted before counts for nothing afterwards for this limit, and goes on counting for the others. \
            The emergency stop and the lane stay as they are: \
            clear the one with 'torghut resume --emergency' and put the other back to use with \
            'torghut lane enable lean'.
            """,
        options: OperatorWord.options + [
            .valued("resolution", "WORD", "accepted or rolled_back; default by whether it was rolled back")
        ], operand: operand, answerNo: "there is no such incident, or it is resolved already"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let key = try invocation.requiredOperand()
        let resolution = try resolution(invocation.value("resolution"))
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            do {
                let said = try await IncidentDesk.resolve(
                    key, as: resolution, word.origin(), at: SystemTime().now(), on: opened.log)
                try OperatorWord.print(said, "\(key) is resolved", json: invocation.json)
                return .ok
            } catch let refusal as OperatorRefusal { return try OperatorWord.refuse(refusal) }
        }
    }

    static func refuse(_ why: String) -> ExitCode {
        StandardError.line("torghut: \(why)")
        return .no
    }

    private static func resolution(_ name: String?) throws(UsageError) -> IncidentResolution? {
        guard let name else { return nil }
        guard let word = IncidentResolution(rawValue: name), IncidentDesk.resolutions.contains(word) else {
            throw UsageError("--resolution is accepted or rolled_back, not '\(name)'")
        }
        return word
    }
}

/// A person's word on the canary's topic.
enum CanaryWord {
    /// Makes the word and says it while nobody else can.
    static func say(
        _ log: any EventLog, _ make: (any EventLog) async throws -> (content: Canary, name: String)?
    ) async throws -> RecordPosition? {
        try await IncidentDesk.say(source: SourceName(trusted: "cli"), at: SystemTime().now(), on: log, make)
    }
}
