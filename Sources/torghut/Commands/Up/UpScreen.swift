import Domain
import Glibc
import JSON
import Synchronization
import Threading

/// What a person sees while `up` runs: redrawn in place on a terminal, else a line every few seconds.
final class UpScreen: Sendable {
    private static let redrawn: Duration = .seconds(1)
    private static let linesEvery: Duration = .seconds(3)

    private let console: String
    private let began: ContinuousClock.Instant
    private let json: Bool
    /// Lines of the last drawing.
    private let drawn = Mutex(0)

    init(console: String, began: ContinuousClock.Instant, json: Bool) {
        self.console = console
        self.began = began
        self.json = json
    }

    static var every: Duration { StandardOutput.isTerminal ? redrawn : linesEvery }

    /// Said once, when everything answers.
    func begin(database: String, folder: UpFolder, readyAfter time: Duration) throws {
        guard !json else { return }
        try StandardOutput().write(
            Array(
                """
                console: \(console)
                database: \(Self.address(of: database))
                ready after \(time.milliseconds) ms; all of it is in \(folder.path), addresses and token in up.json

                """.utf8))
    }

    /// An address over TCP holds a password, and what is printed may be kept.
    private static func address(of database: String) -> String {
        database.contains("://") ? "see up.json" : "psql \"\(database)\""
    }

    func show(_ figures: UpFigures, _ look: UpSight.Look, _ notes: [String]) throws {
        let now = ContinuousClock.now
        let rate = figures.perSecond(at: now, since: began)
        guard !json else { return try StandardOutput().write(Self.object(figures, look, rate)) }
        guard StandardOutput.isTerminal else {
            return try StandardOutput().line("\(SystemTime().now())  \(Self.line(figures, look, rate))")
        }
        let width = Self.width
        let lines = lines(figures, look, rate, notes, now).map { String($0.prefix(width - 1)) }
        let before = drawn.withLock { before in
            defer { before = lines.count }
            return before
        }
        let back = before > 0 ? "\u{1B}[\(before)A" : ""
        try StandardOutput().write(Array((back + lines.map { "\u{1B}[2K\($0)\n" }.joined() + "\u{1B}[J").utf8))
    }

    private static func object(_ figures: UpFigures, _ look: UpSight.Look, _ rate: Double) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("at")
            json.string("\(SystemTime().now())")
            let numbers = [
                ("orders", figures.orders), ("lean", figures.byLEAN), ("alpaca", figures.byAlpaca),
                ("alpaca_after_lean", figures.afterFallback), ("fallbacks", figures.fallbacks),
                ("fills", figures.fills), ("lag", Int(look.lag)),
            ]
            for (name, number) in numbers {
                json.key(name)
                json.integer(number)
            }
            for (name, text) in [("orders_per_second", tenths(rate)), ("gates", gates(figures))] {
                json.key(name)
                json.string(text)
            }
            json.key("safe")
            if let isSafe = look.isSafe { json.bool(isSafe) } else { json.null() }
        }
        json.newline()
        return json.finish()
    }

    static func line(_ figures: UpFigures, _ look: UpSight.Look, _ rate: Double) -> String {
        [
            "orders \(figures.orders) (\(tenths(rate))/s)", "LEAN \(figures.byLEAN)", "Alpaca \(figures.byAlpaca)",
            "fallbacks \(figures.fallbacks)", "fills \(figures.fills)", "lag \(look.lag)", "gates \(gates(figures))",
            "safe \(safe(look))",
        ].joined(separator: ", ")
    }

    private func lines(
        _ figures: UpFigures, _ look: UpSight.Look, _ rate: Double, _ notes: [String], _ now: ContinuousClock.Instant
    ) -> [String] {
        var lines = [
            "", "torghut up, with a simulated broker, for \(Self.clock(now - began))", "",
            Self.row("orders", "\(Self.tenths(rate))/s, \(figures.orders) in all, \(figures.fills) fills"),
            Self.row(
                "routes",
                "LEAN \(figures.byLEAN), Alpaca \(figures.byAlpaca), Alpaca after LEAN \(figures.afterFallback), "
                    + "\(figures.fallbacks) fallbacks, \(figures.inDoubt.count) in doubt"),
            Self.row(
                "decisions",
                "\(figures.decisions), of which \(figures.intents) became intents, \(figures.blocked) blocked, "
                    + "\(figures.rejected) rejected"),
            Self.row("lag", "\(look.lag) events, \(look.rolesWell) of \(look.roles) roles are well"),
            Self.row("gates", Self.gates(figures)), Self.row("safe", Self.safe(look)),
        ]
        lines += look.reasons.prefix(3).map { Self.row("", $0) }
        lines += [Self.row("console", console), ""]
        lines += notes.map { "  " + $0 }
        return lines + ["  Ctrl-C ends it; the next 'torghut up' goes on from here.", ""]
    }

    private static func row(_ name: String, _ text: String) -> String { "  \(name.padded(to: 11))\(text)" }

    static func gates(_ figures: UpFigures) -> String {
        let control = figures.control
        var words: [String] = []
        if control.kill.isEngaged { words.append("KILL SWITCH engaged") }
        if control.stop.isLatched { words.append("EMERGENCY STOP latched") }
        words += control.lanes.rows.map { "lane \($0.lane.rawValue) \($0.mode.rawValue)" }
        let breached = figures.breaches.map(\.rawValue).sorted()
        if !breached.isEmpty { words.append("canary BREACH (\(breached.joined(separator: ", ")))") }
        if !figures.incidents.isEmpty { words.append("\(figures.incidents.count) incidents open") }
        words += control.adapters.rows.filter { $0.breaker != .closed }.map {
            "breaker of \($0.adapter.rawValue) \($0.breaker.rawValue)"
        }
        if !control.reviews.rows.isEmpty { words.append("\(control.reviews.rows.count) symbols under review") }
        return words.isEmpty ? "open" : words.joined(separator: "; ")
    }

    static func safe(_ look: UpSight.Look) -> String {
        switch look.isSafe {
        case true?: "yes"
        case false?: "NO"
        case nil: "not known"
        }
    }

    static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func clock(_ time: Duration) -> String {
        let seconds = Int(time / .seconds(1))
        let (minutes, rest) = (seconds / 60, seconds % 60)
        return minutes > 0 ? "\(minutes) min \(rest) s" : "\(rest) s"
    }

    private static var width: Int {
        var size = winsize()
        let known = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        return known && size.ws_col > 20 ? Int(size.ws_col) : 100
    }
}
