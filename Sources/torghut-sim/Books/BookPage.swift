import Core

/// What one change did to the books, as rows that take the place of those before: read again in their order, they
/// make the same books.
struct BookPage: Sendable {
    /// So many rows of a kind stand on one page.
    static let maximumRows = 1_000

    let tree: Tree

    /// Everything that changed since the page before; `nil` when nothing did that is worth a page.
    init?(taking state: inout SimBroker.State) {
        let orders = state.orders.takeChanges()
        let executions = state.executions.takeChanges()
        let entries = state.log.takeChanges()
        let positions = state.positions.takeChanges()
        let lives = state.lives.takeChanges()
        let account = Self.account(&state)
        guard
            !orders.isEmpty || !executions.isEmpty || !entries.isEmpty || !positions.isEmpty || !lives.isEmpty
                || !account.isEmpty || !state.updates.isEmpty
        else { return nil }
        var fields = [Tree.Field(name: "at", value: .count(Int(state.lastTime.nanoseconds)))]
        func add(_ name: String, _ rows: [Tree]) {
            if !rows.isEmpty { fields.append(.init(name: name, value: .array(rows))) }
        }
        add("orders", orders.map { state.orders[$0].row(at: $0) })
        add("executions", executions.map { state.executions[$0].row(at: $0) })
        add("log", entries.map { state.log.entries[$0].json })
        add(
            "positions",
            positions.map { symbol in
                let position = state.positions[symbol]
                return .object([
                    "symbol": .string(symbol), "qty": .amount(position?.qty), "cost": .amount(position?.cost),
                ])
            })
        if !lives.isEmpty {
            add("lives", lives.map { .object(["order": .count($0.order), "life": $0.life?.row]) })
            fields.append(.init(name: "living", value: state.lives.row))
        }
        // The latest quotes of those that changed: they are only good for where the market goes on.
        add("quotes", state.quotes.takeChanges().compactMap { Self.row($0, state.quotes[$0]) })
        add("amendments", state.updates.filter(\.isAmendment).map(\.json))
        fields += account
        fields.append(.init(name: "dice", value: .string(String(state.dice.state))))
        tree = .object(fields)
    }

    private static func row(_ symbol: String, _ quote: SimBroker.Quote?) -> Tree? {
        guard let quote else { return nil }
        return .object(["symbol": .string(symbol), "bid": .amount(quote.bid), "ask": .amount(quote.ask)])
    }

    /// Cash, settings and what may not be traded, where they are not what the last page says.
    private static func account(_ state: inout SimBroker.State) -> [Tree.Field] {
        let now = SimBroker.Written(cash: state.cash, settings: state.settings, untradable: state.untradable)
        guard now != state.written else { return [] }
        var fields: [Tree.Field] = []
        if now.cash != state.written?.cash { fields.append(.init(name: "cash", value: .amount(now.cash))) }
        if now.settings != state.written?.settings { fields.append(.init(name: "settings", value: now.settings.json)) }
        if now.untradable != state.written?.untradable {
            fields.append(.init(name: "untradable", value: .array(now.untradable.sorted().map { .string($0) })))
        }
        state.written = now
        return fields
    }
}

extension SimBroker.State {
    /// Whether a page would say anything; cheap, because most requests only read.
    var hasChanged: Bool {
        orders.hasChanged || log.entries.hasChanged || positions.hasChanged || !updates.isEmpty
            || executions.rows.hasChanged || lives.hasChanged
            || SimBroker.Written(cash: cash, settings: settings, untradable: untradable) != written
    }
}
