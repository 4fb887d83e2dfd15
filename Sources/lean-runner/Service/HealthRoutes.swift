import Adapters
import Core
import Domain
import JSON

/// Whether the runner lives, and whether it can serve orders now; both are proved, neither is a constant.
struct HealthRoutes: Sendable {
    let house: RunnerHouse
    let ledger: Ledger
    let watch: BrokerWatch
    let stop: StopSwitch

    /// A ledger that took nothing for so long is written to, to see.
    static let ledgerProofAge = Duration.seconds(10)

    func add(to routes: inout RunnerRoutes) {
        routes.on("GET", "/healthz", .health, isOpen: true) { _ in await health() }
        routes.on("GET", "/readyz", .readiness, isOpen: true) { _ in await readiness() }
    }

    /// Ill when it cannot write: then it takes no order.
    private func health() async -> RunnerReply {
        let isWritable = await ledger.isWritable(within: Self.ledgerProofAge)
        var reply = RunnerReply(status: isWritable ? 200 : 503) { json in
            json.key("status")
            json.string(isWritable ? "ok" : "ledger_unavailable")
            json.key("service")
            json.string(Audit.runner)
            json.key("contract_version")
            json.string(LeanRunner.contractVersion)
        }
        if !isWritable { reply.taxonomy = .ledger }
        return reply
    }

    /// Ready as long as cancels and questions can be served; whether orders are taken is said beside it.
    private func readiness() async -> RunnerReply {
        let isWritable = await ledger.isWritable(within: Self.ledgerProofAge)
        let fault = await watch.fault()
        let isKilled = stop.isEngaged
        let isReady = isWritable && fault == nil
        var reply = RunnerReply(status: isReady ? 200 : 503) { json in
            let texts: [(StaticString, String)] = [
                ("status", isReady ? "ok" : "degraded"), ("service", Audit.runner),
                ("contract_version", LeanRunner.contractVersion), ("ledger", isWritable ? "ok" : "unavailable"),
                ("broker", fault ?? "ok"), ("kill_switch", isKilled ? "engaged" : "released"),
            ]
            for (name, text) in texts {
                json.key(name)
                json.string(text)
            }
            json.key("accepts_orders")
            json.bool(isReady && !isKilled)
            json.key("unresolved_orders")
            json.integer(ledger.doubts.count)
            json.key("authoritative_modes")
            json.array { json in for mode in Authority(house.settings).modes { json.string(mode) } }
            // The embedded engine computes; the original's scaffold, which did not, is gone.
            json.key("deterministic_scaffold_enabled")
            json.bool(false)
        }
        if !isReady { reply.taxonomy = isWritable ? .upstream : .ledger }
        return reply
    }
}

/// Asks the broker how it is, at most every other second and once at a time.
actor BrokerWatch {
    static let maximumAge = Duration.seconds(2)

    private let broker: Broker
    private let time: any TimeSource
    private var last: (at: Duration, fault: String?)?
    private var asking: Task<String?, Never>?

    init(_ broker: Broker, time: any TimeSource) {
        self.broker = broker
        self.time = time
    }

    /// `nil` when it is well.
    func fault() async -> String? {
        if let last, time.uptime() - last.at < Self.maximumAge { return last.fault }
        if let asking { return await asking.value }
        let task = Task { [broker] in await Self.ask(broker) }
        asking = task
        let fault = await task.value
        asking = nil
        last = (time.uptime(), fault)
        return fault
    }

    private static func ask(_ broker: Broker) async -> String? {
        let correlation: CorrelationID
        do { correlation = try CorrelationID(RunnerCall.made()) } catch { return "\(error)" }
        switch await broker.questions.health(broker.terms(correlation)).verdict {
        case .healthy: return nil
        case .unhealthy(let reason): return reason.text
        case .credentialsRefused: return "alpaca_health_credentials_refused"
        }
    }
}
