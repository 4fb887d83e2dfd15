internal import Domain
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

    /// Turns until cancelled; the scrape goes the way that scrapers go.
    func run(_ scrape: SelfScrape) async {
        // Families appear with their first sample: this is it.
        _ = await scrape.fault()
        var turn = 0
        while !Task.isCancelled {
            state.withLock { $0.turnedAt = .now }
            if turn % Self.scrapeEvery == 0 {
                let fault = await scrape.fault()
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
}
