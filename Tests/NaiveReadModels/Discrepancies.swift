internal import Core
internal import Domain

extension ReadModel {
    static let discrepancies = ReadModel(
        name: "discrepancies", ownership: TopicCatalog.decisions, inputs: [TopicCatalog.orderEvents],
        wants: [.orderEvents(.discrepancyFound), .orderEvents(.discrepancyResolved)],
        tables: [Table(name: "discrepancies", key: ["alpaca_account_label", "discrepancy_id", "symbol"])],
        rows: { told, _ in
            let stories = grouped(told) { told in
                switch told.event.content {
                case .orderEvents(.discrepancyFound(let event)):
                    key(told.account.text, "\(event.discrepancyID)", told.symbol.text)
                case .orderEvents(.discrepancyResolved(let event)):
                    key(told.account.text, "\(event.discrepancyID)", told.symbol.text)
                default: nil
                }
            }
            return ["discrepancies": stories.map(discrepancy)]
        })

    private static func discrepancy(_ told: [Told]) -> NaiveRow {
        var row = NaiveRow()
        var orders: [OrderKey] = []
        var found: [(told: Told, event: DiscrepancyFound)] = []
        var resolved: [(told: Told, event: DiscrepancyResolved)] = []
        var kinds: [DiscrepancyKind] = []
        var ids: [EventID] = []
        for told in told {
            switch told.event.content {
            case .orderEvents(.discrepancyFound(let event)):
                found.append((told, event))
                orders.append(event.order)
                kinds.append(event.kind)
                ids.append(event.discrepancyID)
            case .orderEvents(.discrepancyResolved(let event)):
                resolved.append((told, event))
                orders.append(event.order)
                kinds.append(event.kind)
                ids.append(event.discrepancyID)
            default: continue
            }
        }
        row.set("alpaca_account_label", told.first?.account)
        row.set("discrepancy_id", ids.first)
        row.set("symbol", told.first?.symbol)
        row.set("kind", kinds.first)
        row.set("status", text: resolved.isEmpty ? "open" : "resolved")
        row.set("client_order_id", orders.lazy.compactMap(\.clientOrderID).first)
        row.set("alpaca_order_id", orders.lazy.compactMap(\.alpacaOrderID).first)
        row.set("decision_hash", orders.lazy.compactMap(\.decisionHash).first)
        row.set("intent_id", orders.lazy.compactMap(\.intentID).first)
        let last = found.last?.event
        row.set("severity", last?.severity)
        row.set("expected", last?.expected)
        row.set("observed", last?.observed)
        row.set("difference", last?.difference)
        row.set("detected_by", last?.detectedBy)
        row.set("evidence", last?.evidence)
        row.set("found_at", found.first?.told.time)
        row.set("found_count", found.count)
        let end = resolved.first?.event
        row.set("resolution", end?.resolution)
        row.set("resolved_by", end?.actor)
        row.set("resolution_reason", end?.reason)
        row.set("resolved_at", resolved.first?.told.time)
        row.set(times: told.map(\.time))
        return row
    }
}
