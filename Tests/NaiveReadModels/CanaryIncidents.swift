internal import Core
internal import Domain

extension ReadModel {
    static let canaryIncidents = ReadModel(
        name: "lean_canary_incidents", ownership: TopicCatalog.canary, inputs: [TopicCatalog.canary],
        wants: [.canary(.incidentOpened), .canary(.incidentResolved)],
        tables: [Table(name: "lean_canary_incidents", key: ["incident_key"])],
        rows: { told, _ in
            let stories = grouped(told) { told in
                switch told.event.content {
                case .canary(.incidentOpened(let event)): key(event.incidentKey.text)
                case .canary(.incidentResolved(let event)): key(event.incidentKey.text)
                default: nil
                }
            }
            return ["lean_canary_incidents": stories.map(incident)]
        })

    private static func incident(_ told: [Told]) -> NaiveRow {
        var row = NaiveRow()
        var (names, breaches) = ([Label](), [BreachType]())
        var (opened, resolved) = ([IncidentOpened](), [IncidentResolved]())
        for told in told {
            switch told.event.content {
            case .canary(.incidentOpened(let event)):
                opened.append(event)
                names.append(event.incidentKey)
                breaches.append(event.breachType)
            case .canary(.incidentResolved(let event)):
                resolved.append(event)
                names.append(event.incidentKey)
                breaches.append(event.breachType)
            default: continue
            }
        }
        row.set("id", names.first.map { rowID("lean_canary_incidents", $0.text) })
        row.set("incident_key", names.first)
        row.set("breach_type", breaches.first)
        row.set("status", text: resolved.isEmpty ? "open" : "resolved")
        let first = opened.first
        row.set("severity", first?.severity)
        row.set("rollback_triggered", opened.contains { $0.rollbackTriggered })
        row.set("symbols", text: first.map { array($0.symbols.map(\.text)) })
        row.set("evidence_json", first?.evidenceJSON)
        row.set("observed", first?.observed)
        row.set("threshold", first?.threshold)
        row.set("verdict_event_id", first?.verdictEventID)
        let end = resolved.first
        row.set("resolution", end?.resolution)
        row.set("resolved_by", end?.actor)
        row.set("resolution_reason", end?.reason)
        row.set("resolved_at", end?.resolvedAt)
        row.set(times: told.map(\.time))
        return row
    }
}
