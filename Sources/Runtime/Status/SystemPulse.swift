internal import Core
internal import Synchronization
internal import Telemetry

/// Turns the judgement of the system into numbers, every second; a scrape reads what was judged and waits for nothing.
final class SystemPulse: Sendable {
    static let every: Duration = .seconds(1)
    /// What was judged longer ago is not told any more: then a scrape has no word of the system at all.
    static let maximumAge: Duration = .seconds(10)

    private let house: House
    private let metrics: SystemMetrics
    private let turnedAt = Mutex<Duration?>(nil)

    init(_ house: House) {
        self.house = house
        metrics = SystemMetrics(in: house.registry)
        house.registry.collect { [weak self] in self?.age() }
    }

    func run(_ watch: StatusWatch, _ safety: SafetySight) async {
        while !Task.isCancelled {
            metrics.show(watch.now)
            metrics.show(await safety.look(), at: house.time.now())
            turnedAt.withLock { $0 = house.time.uptime() }
            do { try await Task.sleep(for: Self.every) } catch { break }
        }
        turnedAt.withLock { $0 = nil }
        metrics.forget()
    }

    private func age() {
        guard let turned = turnedAt.withLock({ $0 }), house.time.uptime() - turned > Self.maximumAge else { return }
        metrics.forget()
    }
}
