import Core

/// Stops trading by the API as a person would, watches, and lets it go on.
extension ScenarioStage {
    private var submits: Int { sources.broker.change { state, _ in state.log.entries.count { $0.kind == "submit" } } }

    func killDrill() async {
        guard let product else { return }
        let reason = "a drill of the simulator's"
        guard let before = await product.kill() else { return say("the API does not say whether it is stopped") }
        guard before.state == "released" else {
            return say("the kill switch is \(before.state) already, because of \(before.reason): it stays so")
        }
        let answer = await product.post("/trading/control/kill", reason: reason)
        guard answer == 200 else {
            // Without an answer it may have been taken all the same.
            let isOurs = await product.kill()?.reason == reason
            say(
                isOurs
                    ? "the API gave no good answer, and is stopped"
                    : "the API did not take the kill; nothing was stopped")
            if isOurs { _ = await product.resume(reason) }
            return
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
        guard await product.kill()?.reason == reason else {
            return say("somebody else has stopped it meanwhile: it stays so")
        }
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
