import API
import Core
import HTTPServer
import Telemetry
import Testing

/// A metrics route that is wired wrong is seen before a ruler reads nothing from it for a month.
@Suite struct `A scrape of our own metrics` {
    /// What a scraper finds at `/metrics` of a table whose route is this.
    private func fault(
        at path: String = "/metrics", as type: String = Registry.contentType,
        _ body: @escaping @Sendable (Registry) -> String = { $0.render() }
    ) async -> String? {
        let registry = Registry()
        registry.gauges("torghut_role_state", "States.", by: ["role", "state"]).labelled("api", "running").set(1)
        let route = Operation(
            .get, path, id: "getMetrics", "Metrics.", for: nil, answers: [Operation.Answer(200, "All.", .any)]
        ) { _ in
            HTTPServerResponse(
                status: 200, headers: [("Content-Type", type)], body: .bytes(Array(body(registry).utf8)))
        }
        let table = RouteTable([route], Gatekeeper(nil, HeldClock()), APIMetrics(in: registry)) { _, _ in }
        let request = HTTPServerRequest(method: "GET", target: "/metrics", path: ["metrics"])
        // Families appear with their first sample.
        _ = await table.answer(request)
        let answer = await table.answer(request)
        guard case .bytes(let bytes) = answer.body else { return "no bytes" }
        return MetricsScrape(
            status: answer.status, contentType: answer.headers.first { $0.name == "Content-Type" }?.value, body: bytes
        ).fault()
    }

    @Test func `is well when the route is`() async { #expect(await fault() == nil) }

    @Test func `says that the route is elsewhere, or serves something else`() async {
        #expect(await fault(at: "/metrix") == "GET /metrics answers 404 and not 200")
        #expect(await fault(as: "text/html") == "GET /metrics is served as text/html")
        #expect(await fault { _ in "" } == "GET /metrics has no body")
    }

    @Test func `says which families are missing, and which line is none`() async {
        let other = await fault { _ in "# TYPE other gauge\nother 1\n" }
        #expect(other?.hasPrefix("GET /metrics lacks torghut_role_state, ") == true)
        #expect(await fault { $0.render() + "no sample\n" } == "GET /metrics has a line that is no sample: no sample")
        #expect(await fault { $0.render() + "stranger 1\n" } == "GET /metrics has stranger, which no TYPE declares")
        #expect(
            await fault { $0.render() + "# TYPE torghut_role_state gauge\n" }
                == "GET /metrics declares torghut_role_state twice")
    }
}
