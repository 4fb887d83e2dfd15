import HTTPServer
import JSON
import Telemetry

/// What the runner says of itself: its numbers, and where its answers come from.
struct ObservabilityRoutes: Sendable {
    private let house: RunnerHouse

    init(_ house: RunnerHouse) { self.house = house }

    func add(to routes: inout RunnerRoutes) {
        routes.on("GET", "/v1/observability", .observability) { [house] _ in
            RunnerReply { json in
                json.key("service")
                json.string(Audit.runner)
                json.key("contract_version")
                json.string(LeanRunner.contractVersion)
                json.key("metrics")
                house.observations.write(to: &json)
                json.key("authority")
                Authority(house.settings).write(to: &json)
                json.key("routes")
                json.array { json in for route in house.observations.routes { json.string(route) } }
            }
        }
        routes.on("GET", "/metrics", .metrics) { [house] _ in
            RunnerReply(
                plain: HTTPServerResponse(
                    status: 200, headers: [("Content-Type", Registry.contentType)],
                    body: .bytes(house.registry.renderBytes())))
        }
    }
}

/// Who makes the runner's answers: another service, a launcher of LEAN, or the embedded engine, which says so.
struct Authority: Sendable {
    let settings: RunnerSettings

    init(_ settings: RunnerSettings) { self.settings = settings }

    /// Modes whose answers come from a real LEAN.
    var modes: [String] {
        var modes: [String] = []
        if settings.upstreams.backtest != nil { modes.append("backtest_upstream") }
        if settings.launcher.command != nil { modes.append("backtest_launcher") }
        if settings.upstreams.shadow != nil { modes.append("shadow_upstream") }
        if settings.upstreams.strategyShadow != nil { modes.append("strategy_shadow_upstream") }
        return modes
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            let flags: [(StaticString, Bool)] = [
                ("backtest_upstream_configured", settings.upstreams.backtest != nil),
                ("shadow_upstream_configured", settings.upstreams.shadow != nil),
                ("strategy_shadow_upstream_configured", settings.upstreams.strategyShadow != nil),
                ("launcher_configured", settings.launcher.command != nil),
                ("embedded_engine", true),
            ]
            for (name, flag) in flags {
                json.key(name)
                json.bool(flag)
            }
            json.key("authoritative_modes")
            json.array { json in for mode in modes { json.string(mode) } }
        }
    }
}
