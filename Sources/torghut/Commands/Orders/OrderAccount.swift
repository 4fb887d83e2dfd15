import Core
import Domain
import JSON

/// What the events of one order come to, as it is printed.
struct OrderAccount {
    private let order: NamedOrder
    private let events: [OrderSearch.Found]
    private var life = OrderLife()
    private var symbol: String?
    private var route: RouteEvidence?
    private var way: ExecutionRoute?

    init(_ order: NamedOrder, _ events: [OrderSearch.Found]) {
        self.order = order
        self.events = events
        for found in events {
            guard let event = found.event else { continue }
            symbol = symbol ?? event.envelope.symbol?.text
            fold(event)
        }
    }

    private mutating func fold(_ event: Event) {
        switch event.content {
        case .orderEvents(.brokerUpdateRecorded(let update)):
            switch update.classification {
            case .foreign, .duplicate: break
            case .applied, .noChange, .outOfOrder, .unlinked, .conflict:
                life.fold(update, at: event.envelope.ingestTime)
            }
        case .orderEvents(.orderSnapshotObserved(let snapshot)): life.fold(snapshot)
        case .route(.attemptAccepted(let accepted)):
            life.fold(accepted, at: event.envelope.eventTime)
            (route, way) = (accepted.evidence, accepted.executionRoute)
        case .route(.attemptResolved(let resolved)) where resolved.resolution == .live && way == nil:
            (route, way) = (resolved.evidence, resolved.executionRoute)
        default: break
        }
    }

    private var missing: String? {
        life.missingFill.map { gap in
            gap.isNegative
                ? "the broker counts \(gap) less than the executions we were told of"
                : "the broker counts \(gap) more than the executions we were told of"
        }
    }

    private var facts: [(name: StaticString, value: String?)] {
        [
            ("account", order.account), ("symbol", symbol),
            ("client_order_id", Self.list(order.clients)), ("alpaca_order_id", Self.list(order.brokers)),
            ("decision_hash", Self.list(order.decisions)), ("status", life.status?.rawValue),
            ("status_since", life.standing.map { "\($0.at)" }), ("qty", life.qty?.description),
            ("filled_qty", life.filledQty?.description), ("avg_fill_price", averagePrice?.description),
            ("execution_count", String(life.fills.rows.count)), ("missing_fill", missing),
            ("execution_route", way?.rawValue),
            ("execution_expected_adapter", route?.executionExpectedAdapter.rawValue),
            ("execution_adapter", route?.executionAdapter.rawValue),
            ("execution_fallback_reason", route?.executionFallbackReason?.text),
            ("replaces", life.replaces?.text), ("replaced_by", life.replacedBy?.text),
        ]
    }

    private static func list(_ names: Set<String>) -> String? {
        names.isEmpty ? nil : names.sorted().joined(separator: ", ")
    }

    /// Of the executions, where there are any: what the broker counts may be of more than we were told.
    private var averagePrice: Amount? {
        guard !life.fills.rows.isEmpty else { return life.reported?.price }
        return life.fills.averagePrice
    }

    func print() throws {
        for (name, value) in facts {
            guard let value else { continue }
            try StandardOutput().line("\("\(name)".padded(to: 28))\(value)")
        }
        try StandardOutput().line("")
        var listing = Listing("event_time", "position", "event", "source", "says", "classification")
        for found in events {
            let line = OrderEventLine(found)
            listing.add(
                .optional(line.time), .text(found.position.description), .text(line.type), .optional(line.source),
                .optional(line.says), .optional(line.classification))
        }
        try listing.print(json: false)
    }

    /// One object; the events are in it as they lie on the log.
    func printJSON() throws {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in facts { json.field(name, value) }
            json.key("events")
            json.array { json in
                for found in events {
                    let line = OrderEventLine(found)
                    json.object { json in
                        json.field("position", found.position.description)
                        json.field("event_type", line.type)
                        json.field("event_ts", line.time)
                        json.field("source", line.source)
                        json.field("classification", line.classification)
                        json.field("classification_reason", line.reason)
                        json.key("event")
                        json.raw(found.value)
                    }
                }
            }
        }
        json.newline()
        try StandardOutput().write(json.finish())
    }
}
