import Foundation
import TestSupport
import Testing

/// Nothing is green that is not: each part is stopped, and the status names exactly that, and goes back.
@Suite struct `A part that is stopped` {
    @Test func `is named by the status within 15 s, several at once too, and nothing else is`() async throws {
        let stage = try await StoppingStage()
        try await stage.open(["commands", "gates", "ingest", "projections"])
        let sight = StatusSight(address: stage.api)
        let line = StopLine(
            "a role, a role that hangs, LEAN, the stream", "SIGSTOP, black hole, SIGSTOP, black hole",
            names: "role commands", "role projections", "lean", "stream trade_updates:paper",
            stop: {
                stage.signal(SIGSTOP, "commands")
                stage.blackHole("projections' database", false)
                stage.signalRunner(SIGSTOP)
                stage.blackHole("stream", false)
            },
            heal: {
                stage.signal(SIGCONT, "commands")
                stage.blackHole("projections' database", true)
                stage.signalRunner(SIGCONT)
                stage.blackHole("stream", true)
            })
        print(StopLine.header)
        print(try await line.play(sight))

        // Whoever reads tables is told within two seconds that the database hangs, and so is whoever asks how it is.
        stage.blackHole("database", false)
        let began = ContinuousClock.now
        for path in ["summary", "strategies", "executions", "decisions"] {
            let (problem, took) = try await sight.timed("/api/torghut/trading/\(path)")
            #expect(problem["status"] as? Int == 503, "\(path): \(problem)")
            #expect(took < 2.5, "\(path)")
        }
        try await sight.waits(within: StopLine.limit, for: "the database") { $0.map(\.part) == ["database"] }
        print("| database | black hole | \(ContinuousClock.now - began) | | | |")
        let health = try await sight.read("/health")
        #expect(health["degraded_components"] as? [String] == ["database"], "\(health)")
        stage.blackHole("database", true)
        try await sight.waits(within: StopLine.limit, for: "the database's return") { $0.isEmpty }
        try await stage.close()
    }
}

/// The whole table: every part in every way.
@Suite(.enabled(if: Storm.isOn))
struct `Soak: every part that is stopped` {
    @Test func `is named by the status within 15 s, and nothing else is`() async throws {
        let stage = try await StoppingStage()
        try await stage.open(["commands", "router", "gates", "ingest", "projections", "lanes"])
        let sight = StatusSight(address: stage.api)
        print(StopLine.header)
        for line in Self.roles(stage) + Self.database(stage) + Self.brokers(stage) {
            print(try await line.play(sight))
        }
        try await stage.close()
    }

    @Test func `also the log, whose holder stands`() async throws {
        let stage = try await HoldingStage()
        print(StopLine.header)
        print(
            try await StopLine(
                "log (journal)", "SIGSTOP of its holder", names: "log", stop: { stage.signal(SIGSTOP) },
                heal: { stage.signal(SIGCONT) }
            ).play(StatusSight(address: stage.api)))
        try await stage.close()
    }

    @Test func `also a log of Kafka, and a partition's owner`() async throws {
        let stage = try await SharingStage()
        let sight = StatusSight(address: stage.api)
        print(StopLine.header)
        for line in stage.lines { print(try await line.play(sight, backWithin: .seconds(60))) }
        try await stage.close()
    }

    private static func roles(_ stage: StoppingStage) -> [StopLine] {
        ["commands", "router", "gates", "ingest", "projections", "lanes"].flatMap { role in
            [
                StopLine(
                    "role \(role)", "SIGKILL", names: "role \(role)", stop: { stage.signal(SIGKILL, role) },
                    heal: { try await stage.start(role) }),
                StopLine(
                    "role \(role)", "SIGSTOP", names: "role \(role)", stop: { stage.signal(SIGSTOP, role) },
                    heal: { stage.signal(SIGCONT, role) }),
            ]
        } + [
            StopLine(
                "role projections, alive and hanging", "black hole to its database", names: "role projections",
                stop: { stage.blackHole("projections' database", false) },
                heal: { stage.blackHole("projections' database", true) })
        ]
    }

    private static func database(_ stage: StoppingStage) -> [StopLine] {
        [
            StopLine(
                "Postgres", "SIGKILL", names: "database", stop: { try stage.postgres.kill() },
                heal: { try stage.postgres.start() }),
            StopLine(
                "Postgres", "SIGSTOP", names: "database", stop: { try stage.signalPostgres(SIGSTOP) },
                heal: { try stage.signalPostgres(SIGCONT) }),
            StopLine(
                "Postgres", "black hole", names: "database",
                stop: {
                    stage.blackHole("database", false)
                    stage.blackHole("projections' database", false)
                },
                heal: {
                    stage.blackHole("database", true)
                    stage.blackHole("projections' database", true)
                }),
        ]
    }

    private static func brokers(_ stage: StoppingStage) -> [StopLine] {
        [
            StopLine(
                "LEAN", "SIGKILL", names: "lean", stop: { stage.signalRunner(SIGKILL) },
                heal: { try stage.startRunner() }),
            StopLine(
                "LEAN", "SIGSTOP", names: "lean", stop: { stage.signalRunner(SIGSTOP) },
                heal: { stage.signalRunner(SIGCONT) }),
            StopLine(
                "LEAN", "black hole", names: "lean", stop: { stage.blackHole("lean", false) },
                heal: { stage.blackHole("lean", true) }),
            StopLine(
                "Alpaca", "black hole", names: "alpaca", stop: { stage.blackHole("broker", false) },
                heal: { stage.blackHole("broker", true) }),
            StopLine(
                "Alpaca's stream", "cut, and refused", names: "stream trade_updates:paper",
                stop: {
                    try await stage.broker.control("/_sim/streams/fault", #"{"fault":"refuse","times":100000}"#)
                    try await stage.broker.control("/_sim/streams/fault", #"{"fault":"cut"}"#)
                }, heal: { try await stage.broker.control("/_sim/streams/fault", #"{"fault":"heal"}"#) }),
            StopLine(
                "Alpaca's stream", "black hole", names: "stream trade_updates:paper",
                stop: { stage.blackHole("stream", false) }, heal: { stage.blackHole("stream", true) }),
        ]
    }
}
