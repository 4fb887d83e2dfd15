import Commands
import Core
import Domain
import Runtime
import Threading

/// Keeps a symbol's new orders until a person has looked at it, and lets them go again.
enum SymbolReview {
    private static let operand = Operand(name: "SYMBOL", summary: "the symbol, as AAPL or BTC/USD")

    static let open = Command(
        "symbol review open", "hold new orders of a symbol for a person",
        details:
            "Intents of the symbol are held, and withdrawn when they expire. Orders at the broker are not touched.",
        options: OperatorWord.options, operand: operand
    ) { invocation in
        let word = try OperatorWord(invocation)
        let symbol = try symbol(invocation)
        let settings = try invocation.settings()
        let policy = settings.policy
        let said = try await OperatorWord.say(settings) { view in
            ReviewDesk.open(symbol, word.origin(), under: policy, at: SystemTime().now(), given: view)
        }
        let text = said == nil ? "\(symbol) is under review already" : "\(symbol) is under review"
        try OperatorWord.print(said, text, json: invocation.json)
        return .ok
    }

    static let clear = Command(
        "symbol review clear", "a person has looked: the symbol may trade again",
        details: "Ends the review that is open now; one that opens meanwhile stays.",
        options: OperatorWord.options, operand: operand, answerNo: "no review of the symbol is open"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let symbol = try symbol(invocation)
        let said = try await OperatorWord.say(try invocation.settings()) { view in
            ReviewDesk.clear(symbol, word.origin(), given: view)
        }
        let text = said == nil ? "no review of \(symbol) is open" : "\(symbol) may trade again"
        try OperatorWord.print(said, text, json: invocation.json)
        return said == nil ? .no : .ok
    }

    private static func symbol(_ invocation: Invocation) throws(UsageError) -> Symbol {
        do throws(IdentifierFault) { return try Symbol(invocation.operand ?? "") } catch {
            throw UsageError("the symbol: \(error)")
        }
    }
}
