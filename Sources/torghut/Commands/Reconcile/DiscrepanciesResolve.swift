import Core
import Domain
import Runtime
import Threading

/// A person has looked, and says why it is as it is.
enum DiscrepanciesResolve {
    static let command = Command(
        "discrepancies resolve", "say why a discrepancy is as it is",
        details: """
            The word is an event on torghut.order-events.v1. Nothing else changes: no order, no fill, no position. A \
            difference of positions or cash that was explained counts from then on as what there is; one of an order \
            is not opened again while it shows the same.
            """,
        options: OperatorWord.options, operand: DiscrepancyReading.operand,
        answerNo: "there is no such discrepancy, or it is resolved already"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let id = try DiscrepancyReading.id(invocation)
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            do {
                let place = try await DiscrepancyDesk.explain(
                    id, word.origin(), at: SystemTime().now(), on: opened.log)
                try OperatorWord.print(place, "discrepancy \(id) is explained", json: invocation.json)
                return .ok
            } catch let refusal as OperatorRefusal { return try OperatorWord.refuse(refusal) }
        }
    }
}
