import Core
import JSON
import Projections

/// The partitions of projections as a table or as JSON, with a verdict on all of them.
struct StatusReport {
    private let units: [UnitStatus]
    private let now: Timestamp

    init(_ units: [UnitStatus], at now: Timestamp) {
        self.units = units
        self.now = now
    }

    private var stuck: [(UnitStatus, String)] {
        units.compactMap { unit in
            if case .stuck(let why) = unit.verdict(at: now) { (unit, why) } else { nil }
        }
    }

    var isHealthy: Bool { stuck.isEmpty }

    func print(json: Bool) throws {
        guard !json else { return try StandardOutput().write(lines) }
        var listing = Listing(
            "projection", "version", "partition", "state", "verdict", "lag", "oldest", "owner", "epoch", "last_commit",
            "root", "parked", "deferred", "folded/end")
        for unit in units {
            let (standing, owner) = (unit.standing, unit.standing.owner)
            listing.add(
                .text(standing.unit.projection), .number(Int64(standing.unit.version)),
                .number(Int64(standing.unit.partition)), .text(state(of: standing)),
                .text(unit.verdict(at: now).word), .number(unit.lag), age(unit.oldest),
                owner.map { .text($0.isConnected ? $0.name : "\($0.name) (gone)") } ?? .none,
                owner.map { .number($0.epoch) } ?? .none, age(owner?.lastCommit),
                .text(String(standing.root.description.prefix(8))), .number(standing.parked),
                .number(standing.deferred), .text(positions(of: unit)))
        }
        try listing.print(json: false)
        for (unit, why) in stuck {
            try StandardOutput().line("stuck: \(unit.standing.unit): behind by \(unit.lag); \(why)")
        }
        try StandardOutput().line(verdict)
    }

    /// One line on all of them.
    private var verdict: String {
        let behind = units.filter { $0.verdict(at: now) == .moving }
        let waiting = units.reduce(0) { $0 + $1.standing.parked }
        let parked = waiting == 0 ? "" : "; \(waiting) keys wait for an operator, see 'torghut quarantine list'"
        guard isHealthy else { return "no: \(stuck.count) partitions are behind, and nobody moves them\(parked)" }
        guard !behind.isEmpty else { return "ok: \(units.count) partitions, everything is folded\(parked)" }
        let lag = behind.reduce(0) { $0 + $1.lag }
        return "ok: \(behind.count) of \(units.count) partitions are behind by \(lag), and move\(parked)"
    }

    private func state(of standing: UnitStanding) -> String {
        standing.isOutdated ? "outdated" : standing.state?.rawValue ?? "none"
    }

    private func age(_ time: Timestamp?) -> Listing.Cell {
        seconds(since: time).map { .text("\($0) s") } ?? .none
    }

    private func seconds(since time: Timestamp?) -> Int64? {
        time.map { max(0, (now.nanoseconds - $0.nanoseconds) / 1_000_000_000) }
    }

    /// Without what all topics' names have in common.
    private func positions(of unit: UnitStatus) -> String {
        unit.inputs.map { input in
            let name = input.source.topic.replacing("torghut.", with: "").replacing(".v1", with: "")
            return "\(name)/\(input.source.partition) \(input.next)/\(input.end)"
        }.joined(separator: ", ")
    }

    private var lines: [UInt8] {
        var json = JSONWriter()
        for unit in units {
            json.object { write(unit, &$0) }
            json.newline()
        }
        json.object { json in
            json.key("verdict")
            json.string(isHealthy ? "ok" : "no")
            json.key("says")
            json.string(verdict)
        }
        json.newline()
        return json.finish()
    }

    private func write(_ unit: UnitStatus, _ json: inout JSONWriter) {
        let (standing, owner) = (unit.standing, unit.standing.owner)
        let judged = unit.verdict(at: now)
        json.field("projection", standing.unit.projection)
        json.field("version", standing.unit.version)
        json.field("partition", standing.unit.partition)
        json.field("state", state(of: standing))
        json.field("fold", standing.fold)
        json.field("program_fold", standing.ownFold)
        json.field("verdict", judged.word)
        if case .stuck(let why) = judged { json.field("why", why) }
        json.field("lag", unit.lag)
        json.field("oldest_unfolded", unit.oldest?.description)
        json.key("oldest_unfolded_age_s")
        if let seconds = seconds(since: unit.oldest) { json.integer(seconds) } else { json.null() }
        json.field("owner", owner?.name)
        json.key("owner_connected")
        json.bool(owner?.isConnected ?? false)
        json.field("epoch", owner?.epoch ?? 0)
        json.field("commits", owner?.commits ?? 0)
        json.field("last_commit", owner?.lastCommit?.description)
        json.field("root", standing.root.description)
        json.field("parked", standing.parked)
        json.field("deferred", standing.deferred)
        json.key("inputs")
        json.array { json in
            for input in unit.inputs {
                json.object { json in
                    json.field("topic", input.source.topic)
                    json.field("partition", input.source.partition)
                    json.field("folded", input.next)
                    json.field("end", input.end)
                }
            }
        }
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    mutating func field(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        integer(number)
    }
}
