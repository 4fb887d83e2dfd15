import Threading

/// Moves the lives at their pace, each step by itself so that requests come in between.
struct LifeClock: Sendable {
    let broker: SimBroker
    private static let tick = Duration.milliseconds(5)
    /// Without a pace, so many steps between two looks at the clock.
    private static let burst = 200

    /// Until its task is cancelled.
    func run() async {
        let time = SystemTime()
        var last = time.uptime()
        var due = 0.0
        while !Task.isCancelled {
            let now = time.uptime()
            let pace = broker.change { state, _ in state.lives.pace }
            due = pace == 0 ? Double(Self.burst) : min(due + Double(pace) * ((now - last) / .seconds(1)), 10_000)
            last = now
            var isMoving = true
            while due >= 1, isMoving {
                isMoving = broker.change { state, time in state.live(at: time) }
                due -= 1
            }
            if !isMoving { due = 0 }
            guard isMoving, pace == 0 else {
                // Cancelled, the loop sees it.
                try? await Task.sleep(for: Self.tick)
                continue
            }
            await Task.yield()
        }
    }
}
