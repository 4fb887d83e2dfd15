internal import API
internal import Domain
internal import HTTPServer

/// The canary's gate: what `torghut canary status` says, and how far its rollout is.
enum CanaryOperations {
    static func all(_ desk: OperatorDesk, _ sight: CanarySight) -> [Operation] {
        let policy = desk.house.settings.policy.policy.gates.canary
        return [
            Operation(
                .get, "/trading/lean/canary", id: "getCanary",
                "How the canary is: limits, verdicts, open incidents, lanes, the rollout, the last hard rollback.",
                answers: [
                    Operation.Answer(200, "As the log says it.", CanaryText.shape, headers: [position])
                ], problems: [.logUnavailable]
            ) { _ in
                let seen = try await desk.within(OperatorDesk.scanWait) { try await sight.look() }
                var response = HTTPServerResponse.json(CanaryText.of(seen, policy))
                response.headers += [
                    (name: position.name, value: seen.position), (name: "Cache-Control", value: "no-store"),
                ]
                return response
            }
        ]
    }

    private static let position = Operation.Header(
        "Torghut-Position", "How far the log was read: the first offset of each partition that is not reflected.")
}
