internal import Core
internal import Domain

extension ReadModel {
    static let strategies = ReadModel(
        name: "strategies", ownership: TopicCatalog.control, inputs: [TopicCatalog.control],
        wants: [.control(.strategyEnabled), .control(.strategyDisabled)],
        tables: [Table(name: "strategies", key: ["strategy_id"])],
        rows: { told, _ in
            let stories = grouped(told) { told in
                switch told.event.content {
                case .control(.strategyEnabled(let event)): key(event.strategyID.text)
                case .control(.strategyDisabled(let event)): key(event.strategyID.text)
                default: nil
                }
            }
            return ["strategies": stories.map(strategy)]
        })

    private static func strategy(_ told: [Told]) -> NaiveRow {
        var row = NaiveRow()
        row.set(
            nulls: "definition_hash", "definition_json", "route_parity_event_id", "enabled_at", "disabled_at")
        // Each later event writes over what an earlier one said.
        for told in told {
            switch told.event.content {
            case .control(.strategyEnabled(let event)):
                set(&row, event.strategyID, event.order, isEnabled: true)
                if let hash = event.definitionHash { row.set("definition_hash", hash) }
                if let definition = event.definitionJSON { row.set("definition_json", definition) }
                if let parity = event.routeParityEventID { row.set("route_parity_event_id", parity) }
                row.set("enabled_at", told.time)
            case .control(.strategyDisabled(let event)):
                set(&row, event.strategyID, event.order, isEnabled: false)
                row.set("disabled_at", told.time)
            default: continue
            }
        }
        row.set(times: told.map(\.time))
        return row
    }

    private static func set(_ row: inout NaiveRow, _ id: StrategyID, _ order: ControlOrder, isEnabled: Bool) {
        row.set("id", rowID("strategies", id.text))
        row.set("strategy_id", id)
        row.set("enabled", isEnabled)
        row.set("actor", order.actor)
        row.set("reason", order.reason)
    }
}
