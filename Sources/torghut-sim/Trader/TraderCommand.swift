import Core
import Threading

/// `torghut-sim trader`: a paced stream of decisions, told to the product's API.
enum TraderCommand {
    static func run(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(
            arguments,
            valued: ["api", "token-file", "per-second", "symbols", "seed", "strategy", "account", "market"],
            switches: ["until-eof"])
        let voice = TraderVoice(address: try options.required("api"), tokenFile: try options.required("token-file"))
        let pace = try pace(options)
        guard let symbols = options["symbols"].map({ SimMarket.symbols($0) }) ?? SimMarket.symbols else {
            throw Options.Problem(what: "--symbols are names with commas between, each once")
        }
        let plan = TradePlan(
            account: options["account"] ?? "paper", strategy: options["strategy"] ?? "momentum", symbols: symbols,
            seed: UInt64(try options.number("seed", or: 1, in: 0...Int.max)))
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        let trader = Task { await trade(plan, TraderEyes(options["market"]), voice, every: .seconds(1) / pace) }
        let teller = Task { await tell(voice) }
        await ending.wait()
        // What is under way is not waited for: the API answers it all the same.
        trader.cancel()
        teller.cancel()
    }

    /// Decisions a second: 0.1 to 1000.
    private static func pace(_ options: Options) throws(Options.Problem) -> Double {
        guard let pace = Double(options["per-second"] ?? "1"), (0.1...1_000).contains(pace) else {
            throw Options.Problem(what: "--per-second is a number from 0.1 to 1000")
        }
        return pace
    }

    private static func trade(
        _ plan: TradePlan, _ eyes: TraderEyes, _ voice: TraderVoice, every gap: Duration
    ) async {
        var (plan, eyes) = (plan, eyes)
        let time = SystemTime()
        var next = time.uptime()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                if voice.begins() {
                    let symbol = plan.next()
                    await eyes.look()
                    let decision = plan.decision(symbol, eyes.sight(of: symbol), at: time.now())
                    group.addTask { await voice.say(decision) }
                }
                // What could not be said in time is not made up for.
                next = max(next + gap, time.uptime() - gap)
                let wait = next - time.uptime()
                // Cancelled, the loop sees it.
                if wait > .zero { try? await Task.sleep(for: wait) }
            }
        }
    }

    private static func tell(_ voice: TraderVoice) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(10)) } catch { return }
            let tally = voice.takeTally()
            var line = "trader: \(tally.taken) taken of \(tally.sent) sent, \(tally.refused) refused"
            if tally.givenUp > 0 { line += ", \(tally.givenUp) given up" }
            if tally.skipped > 0 { line += ", \(tally.skipped) not made" }
            if let trouble = tally.trouble { line += "; \(trouble)" }
            Saying.line(line)
        }
    }
}
