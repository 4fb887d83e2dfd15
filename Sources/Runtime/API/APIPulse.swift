internal import API
internal import Domain
internal import HTTPServer
internal import Synchronization
internal import Telemetry

/// The API's look at itself: it turns every second, and asks what it serves for its own metrics.
///
/// A route that is wired wrong is found here, and not by whoever reads an empty graph a month later.
final class APIPulse: Sendable {
    static let every: Duration = .seconds(1)
    static let scrapeEvery = 5
    /// An older turn is a loop that stands.
    static let maximumAge: Duration = .seconds(10)
    /// Families without which a scrape is not ours.
    static let families = [
        "torghut_role_state", "torghut_http_requests_total", "torghut_http_request_duration_seconds",
    ]

    private struct State {
        var turnedAt = ContinuousClock.now
        var hasStarted = false
        var faults = ["the first look at itself is not over"]
    }

    private let state = Mutex(State())
    private let house: House

    init(_ house: House) { self.house = house }

    var age: Duration { state.withLock { ContinuousClock.now - $0.turnedAt } }
    var hasStarted: Bool { state.withLock { $0.hasStarted } }

    /// Why no requests should be sent here.
    var faults: [String] {
        let own = state.withLock { $0.faults }
        return own + StatusText.roleFaults(house)
    }

    /// Turns until cancelled; `serve` is what clients meet.
    func run(_ serve: @Sendable (HTTPServerRequest) async -> HTTPServerResponse) async {
        // Families appear with their first sample: this is it.
        _ = await Self.scrapeFault(serve)
        var turn = 0
        while !Task.isCancelled {
            state.withLock { $0.turnedAt = .now }
            if turn % Self.scrapeEvery == 0 {
                let fault = await Self.scrapeFault(serve)
                state.withLock { state in
                    state.faults = fault.map { [$0] } ?? []
                    state.hasStarted = true
                }
                house.board.set(.api, fault == nil ? .running : .degraded, fault ?? "")
                if fault == nil { house.board.progressed(.api) }
            }
            turn += 1
            do { try await Task.sleep(for: Self.every) } catch { return }
        }
    }

    /// What is wrong with our own `/metrics`, if anything is.
    static func scrapeFault(_ serve: @Sendable (HTTPServerRequest) async -> HTTPServerResponse) async -> String? {
        let response = await serve(HTTPServerRequest(method: "GET", target: "/metrics", path: ["metrics"]))
        guard response.status == 200 else { return "GET /metrics answers \(response.status) and not 200" }
        let type = response.headers.first { $0.name.lowercased() == "content-type" }?.value
        guard type == Registry.contentType else { return "GET /metrics is served as \(type ?? "nothing")" }
        guard case .bytes(let bytes) = response.body else { return "GET /metrics has no body" }
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) where !line.hasPrefix("#") {
            let value = line.split(separator: " ").last
            guard line.contains(" "), value.flatMap({ Double($0) }) != nil else {
                return "GET /metrics has a line that is no sample: \(line.prefix(80))"
            }
        }
        let missing = families.filter { !text.contains("# TYPE \($0) ") }
        return missing.isEmpty ? nil : "GET /metrics lacks \(missing.joined(separator: ", "))"
    }
}
