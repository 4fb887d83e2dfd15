import Core
import Threading

/// One performance of a scenario: what it may move, until when, and whom it tells.
struct ScenarioStage: Sendable {
    let scenario: Scenario
    let sources: ScenarioSources
    let product: ScenarioProduct?
    let limit: Duration
    let say: @Sendable (String) -> Void

    private let time = SystemTime()

    init(
        scenario: Scenario, sources: ScenarioSources, product: ScenarioProduct?, limit: Duration,
        say: @escaping @Sendable (String) -> Void
    ) {
        (self.scenario, self.sources, self.product, self.limit, self.say) = (scenario, sources, product, limit, say)
    }

    /// Until it is over, its time is, or its task is cancelled; no fault of it is left then.
    func play() async {
        defer { sources.heal() }
        switch scenario {
        case .calm: return
        case .leanTimeouts: await leanTimeouts()
        case .leanLies: await leanLies()
        case .canaryBreach: await canaryBreach()
        case .brokerOutage: await brokerOutage()
        case .streamCut: await streamCut()
        case .killDrill: await killDrill()
        case .poison: poison()
        }
    }

    static let look = Duration.milliseconds(200)

    /// Looks again and again; false when the time is over, or nobody wants it any more.
    func wait(atMost limit: Duration, until condition: () async -> Bool) async -> Bool {
        let end = time.uptime() + limit
        while !Task.isCancelled {
            if await condition() { return true }
            guard time.uptime() < end else { return false }
            // Cancelled, the loop sees it.
            try? await Task.sleep(for: Self.look)
        }
        return false
    }

    func pause(_ duration: Duration) async { _ = await wait(atMost: duration) { false } }
}
