/// The routes of backtests.
struct BacktestRoutes: Sendable {
    private let house: RunnerHouse

    init(_ house: RunnerHouse) { self.house = house }

    func add(to routes: inout RunnerRoutes) {}
}
