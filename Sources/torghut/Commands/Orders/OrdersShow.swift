import Core
import Domain
import JSON
import Runtime

/// An order's life from the log: every event that names it, and what they come to.
enum OrdersShow {
    private static let id = Operand(name: "ID", summary: "our client order id, the broker's id, or a decision's hash")

    static let command = Command(
        "orders show", "an order's life from the log: every event, with position, source and classification",
        details: """
            Reads decisions, intents, route and order events, and needs no database. The state at the top is folded \
            from these events by the rules of the read models. Orders of several accounts that share an id are shown \
            one after another.
            """,
        options: [
            .valued("account", "LABEL", "only of this account"),
            .valued("archive", "DIR", "read this archive in front of the log, as one"),
        ], operand: id, answerNo: "no event names this id"
    ) { invocation in
        let (id, account) = (try invocation.requiredOperand(), invocation.value("account"))
        let archive = invocation.value("archive")
        return try await OpenedLog.using(invocation.settings(), to: .read, archive: archive) { opened in
            let orders = try await OrderSearch(log: opened.log, account: account).orders(named: id)
            for (index, found) in orders.enumerated() {
                let account = OrderAccount(found.order, found.events)
                if !invocation.json, index > 0 { try StandardOutput().line("") }
                try invocation.json ? account.printJSON() : account.print()
            }
            if orders.isEmpty { StandardError.line("no event names '\(id)'") }
            return orders.isEmpty ? .no : .ok
        }
    }
}
