import Core

/// Stops trading by the API as a person would, watches, and lets it go on.
extension ScenarioStage {
    private var submits: Int { sources.broker.change { state, _ in state.log.entries.count { $0.kind == "submit" } } }

    func killDrill() async {
        guard let product else { return }
        let reason = "a drill of the simulator's"
        guard await product.post("/trading/control/kill", reason: reason) == 200 else {
            return say("the API did not take the kill; nothing was stopped")
        }
        say("killed by the API, because of \(reason)")
        var (last, quiet) = (submits, Duration.zero)
        let isQuiet = await wait(atMost: limit / 3) {
            let now = submits
            quiet = now == last ? quiet + Self.look : .zero
            last = now
            return quiet >= .seconds(3)
        }
        say(isQuiet ? "no order came for three seconds: orders have stopped" : "orders still come")
        // So that somebody can look at it.
        await pause(.seconds(2))
        let resumed = await product.resume(reason)
        say(resumed ? "resumed by the API" : "the API did not resume; do it by hand")
        guard resumed, !Task.isCancelled else { return }
        let goesOn = await wait(atMost: limit / 3) { submits > last }
        say(goesOn ? "orders come again" : "no order came since")
    }
}

extension ScenarioProduct {
    /// Also when the drill was ended early: what it stopped it lets go.
    fileprivate func resume(_ reason: String) async -> Bool {
        // A task of its own, because ours may have been cancelled.
        await Task.detached { await self.post("/trading/control/resume", reason: reason) == 200 }.value
    }
}
