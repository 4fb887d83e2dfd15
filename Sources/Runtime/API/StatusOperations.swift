internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Telemetry

/// What a process says of itself: alive, ready, started, measured.
enum StatusOperations {
    static func all(
        _ house: House, _ pulse: APIPulse, _ sight: ControlSight, _ watch: StatusWatch
    ) -> [Operation] {
        [
            Operation(
                .get, "/healthz", id: "getLiveness", "Does this process get on.", for: nil,
                answers: [
                    Operation.Answer(200, "It does.", .document), Operation.Answer(503, "Its loop stands.", .document),
                ]
            ) { _ in
                let age = pulse.age
                return .json(health(house, age), status: age < APIPulse.maximumAge ? 200 : 503)
            },
            Operation(
                .get, "/readyz", id: "getReadiness", "May requests be sent here.", for: nil,
                answers: [
                    Operation.Answer(200, "They may.", .document),
                    Operation.Answer(503, "Not now; `reasons` says why.", .document),
                ]
            ) { _ in readiness(pulse.faults) },
            Operation(
                .get, "/startupz", id: "getStartup", "Has this process started.", for: nil,
                answers: [
                    Operation.Answer(200, "It has.", .document), Operation.Answer(503, "Not yet.", .document),
                ]
            ) { _ in readiness(pulse.hasStarted ? [] : ["the first look at itself is not over"]) },
            Operation(
                .get, "/metrics", id: "getMetrics", "Prometheus' text format.", for: nil,
                parameters: [
                    Parameter(
                        MetricNames.parameter, .choice(MetricNames.allCases.map(\.rawValue)),
                        "`original` tells what the original called some families beside our names, in its units.")
                ],
                answers: [Operation.Answer(200, "All of them.", .any, as: "text/plain")]
            ) { call in
                let names = call.text(MetricNames.parameter).flatMap(MetricNames.init) ?? .base
                return HTTPServerResponse(
                    status: 200, headers: [("Content-Type", Registry.contentType)],
                    body: .bytes(house.registry.renderBytes(names)))
            },
            Operation(
                .get, "/trading/status", id: "getStatus", "What this process knows of trading.",
                answers: [Operation.Answer(200, "As it is now.", .document)]
            ) { _ in .json(StatusText.bytes(house, sight.now, watch.now)) },
            Operation(
                .get, "/trading/health", id: "getTradingHealth",
                "Do the roles of this process work, and what they lean on.",
                answers: [
                    Operation.Answer(200, "They do.", .document),
                    Operation.Answer(503, "One of them does not; `dependencies` says which.", .document),
                ]
            ) { _ in
                let (status, faults) = (watch.now, StatusText.roleFaults(house))
                let isWell = faults.isEmpty && HealthText.dependencies(status).allSatisfy { !$0.isIll }
                return .json(HealthText.bytes(house, status, faults), status: isWell ? 200 : 503)
            },
        ]
    }

    private static func health(_ house: House, _ age: Duration) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("status")
            json.string(age < APIPulse.maximumAge ? "ok" : "stalled")
            json.key("service")
            json.string("torghut")
            json.key("process")
            json.string(house.process)
            json.key("loop_age_ms")
            json.integer(age.components.seconds * 1_000 + age.components.attoseconds / 1_000_000_000_000_000)
        }
        return json.finish()
    }

    private static func readiness(_ faults: [String]) -> HTTPServerResponse {
        var json = JSONWriter()
        json.object { json in
            json.key("status")
            json.string(faults.isEmpty ? "ok" : "not_ready")
            json.key("reasons")
            json.array { json in for fault in faults { json.string(fault) } }
        }
        return .json(json.finish(), status: faults.isEmpty ? 200 : 503)
    }
}
