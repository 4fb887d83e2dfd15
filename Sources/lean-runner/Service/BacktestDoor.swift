import HTTPServer
import Synchronization
import Telemetry
import Threading

/// Stands between orders and backtests: what lies on the disk of backtests, or cannot be read there, keeps no order, no
/// cancel and no void waiting.
final class BacktestDoor: Sendable {
    private enum State {
        case loading
        case open(BacktestRoutes, RunnerRoutes)
        case shut(why: String)
    }

    /// Reading blocks, for as long as there is something to read.
    private actor Loader {
        private let executor = BlockingExecutor("backtests.load")
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        func load(_ house: RunnerHouse) throws -> BacktestRoutes { try BacktestRoutes(house) }
    }

    /// How long a request waits while they are read.
    static let patience = Duration.seconds(10)
    static let pause = Duration.seconds(30)
    static let places: Set = ["backtests", "runs", "shadow-replay"]

    private let house: RunnerHouse
    private let state = Mutex(State.loading)
    private let changes = Arrivals()

    init(_ house: RunnerHouse) { self.house = house }

    /// Loads until it has succeeded, or is cancelled.
    func run() async {
        let loader = Loader()
        while !Task.isCancelled {
            do {
                let backtests = try await loader.load(house)
                var routes = RunnerRoutes(house)
                backtests.add(to: &routes)
                let opened = State.open(backtests, routes)
                state.withLock { $0 = opened }
                return changes.wake()
            } catch {
                house.logbook.error("backtests_unavailable", ["why": .failure(error)])
                state.withLock { $0 = .shut(why: "\(error)") }
                changes.wake()
            }
            do { try await Task.sleep(for: Self.pause) } catch { return }
        }
    }

    /// `nil` when the request is about something else.
    func answer(_ request: HTTPServerRequest, _ routes: RunnerRoutes) async -> HTTPServerResponse? {
        guard request.path.count > 1, request.path[0] == "v1", Self.places.contains(request.path[1]) else { return nil }
        switch await settled() {
        case .open(_, let own): return await own.answer(request)
        case .loading: return refuse(request, routes, "they are still being read")
        case .shut(let why): return refuse(request, routes, why)
        }
    }

    private func refuse(_ request: HTTPServerRequest, _ routes: RunnerRoutes, _ why: String) -> HTTPServerResponse {
        let fault = RunnerFault(503, nil, code: "backtest_store_unavailable", detail: why, taxonomy: .ledger)
        return routes.refuse(request, house.token.admits(request) ? fault : .unauthorized)
    }

    private func settled() async -> State {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let seen = changes.count
            let now = state.withLock { $0 }
            guard case .loading = now, ContinuousClock.now < deadline else { return now }
            await changes.wait(after: seen, until: deadline)
        }
    }

    func stop() async {
        if case .open(let backtests, _) = state.withLock({ $0 }) { await backtests.stop() }
    }
}
