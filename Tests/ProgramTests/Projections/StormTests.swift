import Core
import Foundation
import Postgres
import TestSupport
import Testing

/// The program folds a log live while it is killed and its Postgres restarted; then it has to prove its tables.
struct ProgramStorm {
    private enum Deed: CustomStringConvertible {
        case kill
        case restart(PrivatePostgres.StopMode)

        var description: String {
            switch self {
            case .kill: "kill -9 of the projector"
            case .restart(let mode): "\(mode.rawValue) restart of Postgres"
            }
        }
    }

    let ground: Projecting
    private let server: PrivatePostgres
    private let flood: StoryFlood
    private let seed: UInt64
    private var random: SplitMix64
    /// How long the log may take; generous, because nothing here is about speed.
    private let patience: Duration

    init(events: Int, seed: UInt64) async throws {
        server = try PrivatePostgres()
        ground = try await Projecting(on: server)
        try await ground.program.prepared()
        flood = StoryFlood(ground.program.ground.folder + "/.torghut/journal", total: events, seed: seed)
        self.seed = seed
        random = SplitMix64(seed: seed)
        patience = .seconds(max(120, events / 50))
    }

    /// Everything happens while events are appended: before the last deed is done the flood does not end.
    mutating func rage(kills: Int, restarts: Int) async throws {
        let deeds = deeds(kills, restarts)
        let flooding = Task { [flood] in try await flood.run() }
        var projector = try ground.start()
        do {
            for (number, deed) in deeds.enumerated() {
                let mark = (number + 1) * flood.total / (deeds.count + 2)
                try await waitUntilFolded(mark)
                // Anywhere in the batches that follow, not only right behind a commit.
                try await Task.sleep(for: .milliseconds(Int64(random.next() % 300)))
                switch deed {
                case .kill:
                    projector.signal(SIGKILL)
                    #expect(try await projector.process.finish() == -SIGKILL)
                    projector = try ground.start()
                case .restart(let mode): try server.restart(mode)
                }
                print("\(number + 1) of \(deeds.count): \(deed), folded \(mark), appended \(flood.appended)")
            }
            #expect(flood.appended < flood.total, "the last deed came while events were appended")
            try await waitUntilFolded(flood.total)
            try await flooding.value
            try await ground.waitUntilFolded(within: patience)
            try await prove()
        } catch {
            flooding.cancel()
            _ = await flooding.result
            print("seed \(seed): \(error); the projector said: \(try projector.text().suffix(4_000))")
            throw error
        }
        #expect(try await projector.stop() == 0)
        await flood.close()
    }

    private mutating func deeds(_ kills: Int, _ restarts: Int) -> [Deed] {
        var deeds: [Deed] = Array(repeating: .kill, count: kills)
        deeds += (0..<restarts).map { .restart($0 % 2 == 0 ? .immediate : .fast) }
        deeds.shuffle(using: &random)
        return deeds
    }

    /// Waits until so many records of the log are folded by somebody.
    private func waitUntilFolded(_ count: Int) async throws {
        let folded = """
            SELECT coalesce(sum(next), 0)::bigint FROM (
                SELECT source, max((place ->> 'next')::bigint) AS next
                FROM projection_checkpoints, json_each(vector) AS held (source, place) GROUP BY source) reached
            """
        try await eventually("\(count) folded records", within: patience) {
            // Before the first start there are no tables, and between two of Postgres nobody answers.
            let known: Int64
            do { known = try ground.number(folded) } catch is PostgresError { return false }
            flood.heard(folded: Int(known))
            return known >= count
        }
    }
}

/// What an auditor does, command by command, and what each says last.
extension ProgramStorm {
    private func prove() async throws {
        let parked = try ground.number("SELECT count(*) FROM execution_order_events_parked")
        let updates = try ground.number("SELECT count(*) FROM execution_order_events")
        #expect(updates + parked == flood.brokerUpdates, "seed \(seed): nothing lost, nothing twice")
        print("\(flood.brokerUpdates) broker updates: \(updates) rows, \(parked) wait; seed \(seed)")
        let good = try await run("projections", "verify")
        #expect(good.status == 0 && good.lines.last == "ok: 13 projections", "seed \(seed): \(good.text)\(good.err)")
        let rebuilt = try await run("projections", "rebuild", "--all")
        #expect(rebuilt.status == 0 && rebuilt.lines.count == 14, "seed \(seed): \(rebuilt.text)\(rebuilt.err)")
        let roots = try psql(
            """
            SELECT count(*) FILTER (WHERE live.root = built.root) || ' of ' || count(*) || ' roots are equal'
            FROM projection_checkpoints live JOIN projection_checkpoints built USING (projection, log_partition)
            WHERE live.version = 1 AND built.version = 2
            """)
        #expect(roots == "\(Projecting.units) of \(Projecting.units) roots are equal", "seed \(seed)")
        try await edit()
    }

    private func edit() async throws {
        let order = try psql(
            """
            UPDATE executions SET filled_qty = filled_qty + 1 WHERE id = (
                SELECT id FROM executions WHERE status = 'filled' ORDER BY client_order_id LIMIT 1)
            RETURNING client_order_id
            """)
        let edited = try await run("projections", "verify")
        #expect(edited.status == 3 && edited.lines.last == "no: 1 rows are not as they were folded", "\(edited.err)")
        let named = edited.lines.filter { $0.hasPrefix("executions_v1") }
        print(named.joined(separator: "\n"))
        #expect(named.count == 1 && named[0].contains("client_order_id=\(order)"), "seed \(seed): \(edited.text)")
        #expect(named[0].contains("edited") && named[0].contains("filled_qty"), "seed \(seed): \(edited.text)")
    }

    private func run(_ arguments: String...) async throws -> Program.Output {
        let output = try await ground.program.run(arguments, limit: patience)
        print("$ torghut \(arguments.joined(separator: " "))\n\(output.lines.last ?? "")\nexit \(output.status)")
        return output
    }

    /// The first line that psql answers with.
    private func psql(_ sql: String) throws -> String {
        let said = try Judge.run("psql", ["-X", "-A", "-t", "-d", ground.database.address, "-c", sql])
        try #require(said.status == 0, "\(said.errors)")
        print("$ psql -c \"\(sql)\"\n\(said.output)")
        return said.lines.first.map(String.init) ?? ""
    }
}

@Suite struct `A storm over the program` {
    /// P1, P2, P4: killed again and again in mid-batch, its tables are those of a rebuild.
    @Test func `leaves tables that verify and equal their rebuild, and an edited row is named`() async throws {
        var storm = try await ProgramStorm(events: 6_000, seed: Storm.seed)
        try await storm.rage(kills: 3, restarts: 1)
    }
}

@Suite(.enabled(if: Storm.isOn, "the long twin, run by `make soak`"))
struct `Soak: the program in a storm` {
    @Test func `leaves tables that verify and equal their rebuild, and an edited row is named`() async throws {
        print("seed \(Storm.seed), \(Storm.events) events")
        var storm = try await ProgramStorm(events: Storm.events, seed: Storm.seed)
        try await storm.rage(kills: 10, restarts: 2)
    }
}
