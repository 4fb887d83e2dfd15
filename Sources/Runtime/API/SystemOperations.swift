internal import API
internal import Domain
internal import HTTPServer
internal import JSON

/// The whole system, every role of every process: for people and for the control plane.
enum SystemOperations {
    static func all(_ house: House, _ watch: StatusWatch) -> [Operation] {
        [
            Operation(
                .get, "/health", id: "getHealth", "Is the whole system well, and which part is not.", for: nil,
                answers: [
                    Operation.Answer(200, "All of it is.", .document),
                    Operation.Answer(503, "Something is not; `components` says what.", .document),
                ]
            ) { _ in
                let status = watch.now
                return .json(health(status), status: status.isWell ? 200 : 503)
            },
            Operation(
                .get, "/api/agents/control-plane/status", id: "getControlPlaneStatus",
                "Every role of every process, and every part they lean on.",
                parameters: [Parameter("namespace", .name(maximum: 63), "Given back with the answer.")],
                answers: [Operation.Answer(200, "As it is now, also when it is not well.", .document)]
            ) { call in
                let text = SystemText(
                    watch.now, watch.stop, call.text("namespace") ?? defaultNamespace, house,
                    startedAt: watch.startedAt)
                return HTTPServerResponse(
                    status: 200, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
                    body: .bytes(text.bytes()))
            },
        ]
    }

    private static let defaultNamespace = "torghut"

    /// States by part, without a word of the inside: anybody may ask.
    private static func health(_ status: SystemStatus) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("status", status.isWell ? "ok" : "degraded")
            json.field("service", "torghut")
            json.field("generated_at", status.at)
            json.key("components")
            json.object { json in
                for part in [status.log] + [status.database].compactMap(\.self) + status.adapters + status.streams {
                    json.key(part.part)
                    json.string(part.state.rawValue)
                }
                for type in RoleCatalog.all {
                    json.key("role \(type.name.rawValue)")
                    json.string(status.state(of: type.name).rawValue)
                }
            }
            json.key("degraded_components")
            json.array { json in for name in SystemText.parts(status) { json.string(name) } }
        }
        return json.finish()
    }
}
