/// The routes of both shadow lanes.
struct ShadowRoutes: Sendable {
    private let house: RunnerHouse

    init(_ house: RunnerHouse) { self.house = house }

    func add(to routes: inout RunnerRoutes) {}
}
