import Foundation
import TestSupport
import Testing

/// A cluster, two routers that share its partitions, and an API that looks.
final class SharingStage {
    private let cluster: Running
    private var routers: [RunningRoles] = []
    private let looking: RunningRoles
    private let program: Program
    let api: String

    init() async throws {
        var program = try Trading().program
        cluster = try Running(program, "kafka", "dev")
        let address = try #require(cluster.line())
        try StoppingStage.tokens(program)
        let broker = try Simulator("alpaca")
        self.broker = broker
        database = try PrivatePostgres.shared().database()
        program.environment.merge([
            "TORGHUT_LOG": "kafka:\(address)", "TORGHUT_API_PORT": "0",
            // A share is given to others so long after its owner was last heard of.
            "TORGHUT_KAFKA_PROPS": "session.timeout.ms=30000;heartbeat.interval.ms=1000",
            "TORGHUT_API_TOKENS": program.ground.folder + "/tokens",
            "TORGHUT_DB_DSN": database.address,
            "APCA_API_BASE_URL": broker.address(),
        ]) { $1 }
        self.program = program
        looking = try await RunningRoles(program, "api,projections")
        api = try await StatusSight.address(of: looking)
        for _ in 0..<2 { routers.append(try await RunningRoles(program, "router")) }
        let sight = StatusSight(address: api)
        try await eventually("a share for each") {
            let partitions = try await sight.read()["partitions"] as? [[String: Any]] ?? []
            let shares = partitions.filter {
                $0["role"] as? String == "router" && $0["topic"] as? String == "torghut.order-intents.v1"
            }
            return Set(shares.compactMap { $0["owner"] as? String }).count == 2 && shares.count == 12
        }
        try await sight.waits(within: .seconds(60), for: "a system that is well") { $0.isEmpty }
    }

    private let broker: Simulator
    private let database: PrivateDatabase

    var lines: [StopLine] {
        [
            StopLine(
                "a partition's owner", "SIGSTOP", names: "role router", stop: { self.routers[0].signal(SIGSTOP) },
                heal: { self.routers[0].signal(SIGCONT) }),
            StopLine(
                "log (Kafka)", "SIGSTOP", names: "log", stop: { self.cluster.signal(SIGSTOP) },
                heal: { self.cluster.signal(SIGCONT) }),
            // The other one takes its share over.
            StopLine(
                "a partition's owner", "SIGKILL", names: "role router", stop: { self.routers[1].signal(SIGKILL) },
                heal: {}),
        ]
    }

    func close() async throws {
        cluster.signal(SIGCONT)
        for router in routers { router.signal(SIGKILL) }
        looking.signal(SIGKILL)
        cluster.signal(SIGKILL)
    }
}

/// A journal that is held by one process, and looked at by another.
final class HoldingStage {
    private let holder: RunningRoles
    private let looking: RunningRoles
    /// Its folder goes with it.
    private let program: Program
    let api: String

    init() async throws {
        var program = try Trading().program
        try await program.prepared()
        try StoppingStage.tokens(program)
        let broker = try Simulator("alpaca")
        self.broker = broker
        database = try PrivatePostgres.shared().database()
        program.environment.merge([
            "TORGHUT_API_PORT": "0", "TORGHUT_API_TOKENS": program.ground.folder + "/tokens",
            "TORGHUT_DB_DSN": database.address,
            "APCA_API_BASE_URL": broker.address(),
        ]) { $1 }
        self.program = program
        holder = try await RunningRoles(program, "commands")
        looking = try await RunningRoles(program, "api,projections")
        api = try await StatusSight.address(of: looking)
        try await StatusSight(address: api).waits(within: .seconds(60), for: "a system that is well") { $0.isEmpty }
    }

    private let broker: Simulator
    private let database: PrivateDatabase

    func signal(_ number: Int32) { holder.signal(number) }

    func close() async throws {
        holder.signal(SIGKILL)
        looking.signal(SIGKILL)
    }
}
