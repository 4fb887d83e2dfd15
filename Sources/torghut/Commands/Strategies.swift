import Commands
import Core
import Domain
import Foundation
import Runtime
import Threading

/// Which strategies may trade: what the log says, and an operator's word about it.
enum Strategies {
    static let list = Command(
        "strategies list", "list strategies, and whether they may trade",
        details: """
            A strategy that was never enabled is not listed, and its decisions are blocked. The last column names what \
            stands against enabling it: an event of diverged order ids after the last verdict on parity.
            """
    ) { invocation in
        try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let view = try await StrategyView.read(opened.log)
            var listing = Listing("strategy", "state", "definition", "changed_by", "blocked_by")
            for standing in view.control.strategies.rows {
                listing.add(
                    .text(standing.strategy.text), .text(standing.isEnabled ? "enabled" : "disabled"),
                    .optional(standing.definitionHash?.description), .text(standing.changedBy.description),
                    .optional(view.parity.divergence(of: standing.strategy)?.foundBy.description))
            }
            if invocation.json || !listing.isEmpty { try listing.print(json: invocation.json) }
            if listing.isEmpty { StandardError.line("no strategy was ever enabled or disabled") }
            for unread in view.unreadable { StandardError.line("torghut: \(unread)") }
            return .ok
        }
    }

    static let enable = Command(
        "strategies enable", "let a strategy trade",
        details: """
            Refused while order ids of LEAN and Alpaca have diverged and no verdict on parity has passed since, and \
            while the last verdict failed. The word is an event on torghut.control.v1. With its definition (type, \
            parameters, quantity, universe, limits) the shadow of strategies can measure it; without one nothing can be.
            """,
        options: said + [
            .valued("definition-file", "FILE", "its definition, a JSON object; recorded in the event with its hash"),
            .valued(
                "definition", "SHA256", "what the definition hashes to; checked against the file where one is given"),
            .valued("parity", "EVENT_ID", "the verdict on parity that is relied on; must be the last one"),
        ],
        operand: strategy, answerNo: "something stands against it; standard error says what"
    ) { invocation in
        let (id, word) = try word(of: invocation)
        let given: ContentHash? = try value("definition", of: invocation)
        let json = try definition(of: invocation)
        let parity: EventID? = try value("parity", of: invocation)
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            do {
                let place = try await StrategyDesk.enable(
                    id, definition: json, hash: given, parity: parity, word.origin(), through: desk(opened.log))
                return try print(id, .strategyEnabled, [place].compactMap(\.self), invocation)
            } catch let refusal as OperatorRefusal { return try OperatorWord.refuse(refusal) }
        }
    }

    static let disable = Command(
        "strategies disable", "stop a strategy from trading",
        details: "Its decisions are blocked from then on. The word is an event on torghut.control.v1.",
        options: said, operand: strategy
    ) { invocation in
        let (id, word) = try word(of: invocation)
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            let control = StrategyDesk.disable(id, word.origin())
            let places = try await desk(opened.log).say([ControlDesk.Word(control)])
            return try print(id, control.kind, places, invocation)
        }
    }
}

extension Strategies {
    private static let strategy = Operand(name: "STRATEGY", summary: "its id, as its decisions name it")
    private static let said = OperatorWord.options

    private static func word(of invocation: Invocation) throws(UsageError) -> (StrategyID, OperatorWord) {
        let id: StrategyID
        do { id = try StrategyID(invocation.requiredOperand()) } catch let error as UsageError { throw error } catch {
            throw UsageError("STRATEGY: \(error)")
        }
        return (id, try OperatorWord(invocation))
    }

    private static func value<Value: FieldText>(
        _ option: String, of invocation: Invocation
    ) throws(UsageError) -> Value? {
        guard let text = invocation.value(option) else { return nil }
        // Safe: the text's bytes are read inside the call.
        do { return try unsafe Value.read(text.utf8.span.bytes) } catch { throw UsageError("--\(option): \(error)") }
    }

    private static func definition(of invocation: Invocation) throws -> CompactJSON? {
        guard let path = invocation.value("definition-file") else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw UsageError("--definition-file: \(path) cannot be read")
        }
        do throws(OperatorRefusal) { return try StrategyDesk.definition(Array(bytes)) } catch {
            throw UsageError("--definition-file: \(path): \(error)")
        }
    }

    private static func desk(_ log: any EventLog) -> ControlDesk {
        ControlDesk(log, SystemTime(), source: SourceName(trusted: "cli"), writerName: "torghut.operator.strategies")
    }

    private static func print(
        _ strategy: StrategyID, _ action: Control.Kind, _ places: [RecordPosition], _ invocation: Invocation
    ) throws -> ExitCode {
        var listing = Listing("strategy", "action", "said_at")
        for place in places {
            listing.add(.text(strategy.text), .text(action.rawValue), .text(place.description))
        }
        try listing.print(json: invocation.json)
        return .ok
    }
}
