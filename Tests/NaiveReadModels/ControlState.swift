internal import Core
internal import Domain

extension ReadModel {
    static let controlState = ReadModel(
        name: "control_state", ownership: TopicCatalog.control, inputs: [TopicCatalog.control],
        wants: Set(Control.Kind.allCases.map(EventType.control)),
        tables: [Table(name: "control_state", key: ["control", "scope", "name"]), .steps("control_history")],
        rows: { told, _ in
            let orders = told.compactMap { ControlWord($0) }
            let stories = grouped(orders) { order in
                order.control == "quarantine" ? nil : key(order.control, order.scope, order.name)
            }
            return ["control_state": stories.map(ControlWord.current), "control_history": orders.map(\.step)]
        })
}

/// A control event as the list of controls in docs/read-models.md says it.
struct ControlWord {
    private let told: Told
    let order: ControlOrder
    let control: String
    let name: String
    let state: String
    let value: String?
    let expires: Timestamp?

    var scope: String { order.scope.description }

    init?(_ told: Told) {
        guard case .control(let control) = told.event.content else { return nil }
        self.told = told
        order = control.order
        (self.control, name, state, value) = Self.words(of: control, told)
        expires =
            switch control {
            case .overrideGranted(let event): event.expiresAt
            case .streamLeaseTaken(let event): event.expiresAt
            case .breakerJudged(let event): event.retryAt
            default: nil
            }
    }

    /// Control, name, state and value.
    private static func words(of control: Control, _ told: Told) -> (String, String, String, String?) {
        switch control {
        case .killSwitchEngaged(let event): ("kill_switch", "", "engaged", event.killSource.rawValue)
        case .killSwitchReleased: ("kill_switch", "", "released", nil)
        case .killSwitchObserved(let event):
            ("kill_switch_observation", event.process.text, "stopped", "\(event.openOrders)")
        case .laneDisabled(let event):
            ("lane", shown(event.lane), event.dryRun ?? false ? "dry_run" : "disabled", event.incidentKey?.text)
        case .laneEnabled(let event): ("lane", shown(event.lane), "enabled", nil)
        case .emergencyStopLatched(let event):
            ("emergency_stop", "", "latched", event.stopReasons.map(\.text).joined(separator: "; "))
        case .emergencyStopCleared: ("emergency_stop", "", "cleared", nil)
        case .policyChanged(let event): ("policy", event.name.text, "in_force", "\(event.policyHash)")
        case .flagChanged(let event):
            ("flag", event.name.text, event.value == nil ? "unset" : "set", event.value?.text)
        case .overrideGranted(let event):
            ("override", "\(told.id)", shown(event.kind), event.adapter.map { shown($0) })
        case .quarantineReleased(let event): quarantine(event.record, "released")
        case .quarantineSkipped(let event): quarantine(event.record, "skipped")
        case .quarantinePatched(let event): quarantine(event.record, "patched")
        case .symbolReviewOpened(let event): ("symbol_review", event.symbol.text, "open", "\(event.fallbackCount)")
        case .symbolReviewClosed(let event): ("symbol_review", event.symbol.text, "closed", nil)
        case .breakerJudged(let event):
            ("breaker", shown(event.adapter), shown(event.breakerState), event.errorRate?.description)
        case .runnerHealthObserved(let event):
            ("runner_health", event.address.text, shown(event.health), event.contractVersion?.text)
        case .strategyEnabled(let event):
            ("strategy", event.strategyID.text, "enabled", event.definitionHash.map { "\($0)" })
        case .strategyDisabled(let event): ("strategy", event.strategyID.text, "disabled", nil)
        case .streamLeaseTaken(let event): ("stream_lease", event.stream.text, "taken", event.process.text)
        case .canaryEvaluated(let event): ("canary", "", "evaluated", "\(event.evaluatedAt)")
        }
    }

    private static func quarantine(_ record: ParkedKey, _ state: String) -> (String, String, String, String?) {
        let place = "\(record.sourceTopic.text)/\(record.sourcePartition)/\(record.sourceOffset)"
        return ("quarantine", place, state, record.projection.text)
    }
}

extension ControlWord {
    /// What is in force after all these words about one thing.
    static func current(_ words: [ControlWord]) -> NaiveRow {
        var row = NaiveRow()
        guard let last = words.last else { return row }
        row.set("id", rowID("control_state", last.control, last.scope, last.name))
        last.set(&row)
        row.set("expires_at", last.expires)
        row.set("effective_at", last.told.time)
        var changed = words[0].told.time
        for (earlier, later) in zip(words, words.dropFirst()) {
            let isSame = key(earlier.state, earlier.value ?? "\0") == key(later.state, later.value ?? "\0")
            if !isSame { changed = later.told.time }
        }
        row.set("changed_at", changed)
        row.set(times: words.map(\.told.time))
        return row
    }

    var step: NaiveRow {
        var row = NaiveRow()
        set(&row)
        row.set("event_type", text: told.event.content.type.name)
        row.set("event_ts", told.time)
        row.set("event_ts_ns", Instant.rest(of: told.envelope.eventTime))
        return row
    }

    private func set(_ row: inout NaiveRow) {
        row.set("control", text: control)
        row.set("scope", text: scope)
        row.set("name", text: name)
        row.set("state", text: state)
        row.set("value", text: value)
        row.set("actor", order.actor)
        row.set("reason", order.reason)
        row.set("event_id", told.id)
        row.set("log_offset", told.position.offset)
        row.set("details_json", text: told.payload)
    }
}
