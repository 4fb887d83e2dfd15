import Foundation
import TestSupport
import Testing

@Suite struct `Scenarios over the API` {
    private static func names(_ answer: RunningAPI.Answer) throws -> [String] {
        let state = try fields(answer.body)
        return (state["scenarios"] as? [[String: any Sendable]] ?? []).compactMap { $0["name"] as? String }
    }

    private static func line(_ answer: RunningAPI.Answer) throws -> String {
        let lines = try fields(answer.body)["lines"] as? [[String: any Sendable]] ?? []
        return lines.map { "\($0["scenario"] ?? ""): \($0["text"] ?? "")" }.joined(separator: "\n")
    }

    @Test func `begin and end at the simulated broker in use, for who may operate`() async throws {
        let broker = try Simulator("alpaca")
        var program = try Program(Ground())
        program.environment = [
            "APCA_API_BASE_URL": broker.address(), "APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": "s",
            "TORGHUT_SIMULATOR_URL": broker.address() + "/",
        ]
        // No route of these needs the database.
        let api = try await RunningAPI(program, roles: "api", address: "postgresql://127.0.0.1:9/none")
        let calm = try await api.curl("/trading/simulator", as: RunningAPI.reader)
        #expect(calm.status == 200 && calm.body.contains(#""running":null"#), "\(calm)")
        #expect(
            try Self.names(calm) == [
                "calm", "lean-timeouts", "lean-lies", "broker-outage", "stream-cut", "canary-breach", "kill-drill",
                "poison",
            ])
        let (outage, why) = ("/trading/simulator/scenarios/broker-outage", #"{"reason":"to see it"}"#)
        #expect(try await api.post(outage, why, as: RunningAPI.reader).status == 403)
        #expect(try await api.post(outage, "{}").status == 422)
        let begun = try await api.post(outage, why)
        #expect(begun.status == 202 && begun.body.contains(#""running":"broker-outage""#), "\(begun)")
        #expect(try Self.line(begun).contains("(anna: to see it)"))
        let busy = try await api.post("/trading/simulator/scenarios/poison", why)
        #expect(busy.status == 409 && busy.body.contains("broker-outage goes on"), "\(busy)")
        #expect(try await api.post("/trading/simulator/calm", why).status == 202)
        let over = try await api.curl("/trading/simulator")
        #expect(over.body.contains(#""running":null"#), "\(over)")
        #expect(try Self.line(over).hasSuffix("calm: every fault is over (anna: to see it)"))
        // What the scenario needs is named: no runner stands behind this simulator, and nobody named the product.
        for (name, missing) in [("lean-lies", "no runner"), ("kill-drill", "product's API")] {
            let refused = try await api.post("/trading/simulator/scenarios/\(name)", why)
            #expect(refused.status == 409 && refused.body.contains(missing), "\(refused)")
        }
        #expect(try await api.post("/trading/simulator/scenarios/flood", why).status == 404)
        kill(broker.processID, SIGKILL)
        try await eventually("an answer that the simulator is away") {
            try await api.curl("/trading/simulator").status == 503
        }
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `are not there with a broker that does not say he is simulated`() async throws {
        // The runner answers over HTTP like anybody else.
        let other = try Simulator("lean", "--to", "http://127.0.0.1:9")
        var program = try Program(Ground())
        program.environment = [
            "APCA_API_BASE_URL": other.address(), "APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": "s",
            "TORGHUT_SIMULATOR_URL": other.address(),
        ]
        let api = try await RunningAPI(program, roles: "api", address: "postgresql://127.0.0.1:9/none")
        #expect(try await api.curl("/trading/simulator").status == 404)
        #expect(try await api.post("/trading/simulator/scenarios/poison", #"{"reason":"x"}"#).status == 404)
        #expect(try await api.post("/trading/simulator/calm", #"{"reason":"x"}"#).status == 404)
        #expect(try await api.roles.stop() == 0)
    }

    @Test(arguments: [
        (
            ["TORGHUT_SIMULATOR_URL": "http://192.0.2.1:80", "APCA_API_BASE_URL": "http://192.0.2.1:80"],
            "is at http://127.0.0.1"
        ),
        (["TORGHUT_SIMULATOR_URL": "http://127.0.0.1:7000"], "is not the broker in use"),
        (
            ["TORGHUT_SIMULATOR_URL": "http://127.0.0.1:7000", "APCA_API_BASE_URL": "http://127.0.0.1:7001"],
            "is not the broker in use"
        ),
        (
            [
                "TORGHUT_SIMULATOR_URL": "http://127.0.0.1:7000", "APCA_API_BASE_URL": "http://127.0.0.1:7000",
                "TRADING_MODE": "live", "TRADING_LIVE_ENABLED": "true",
            ], "is for paper trading only"
        ),
    ])
    func `are refused at the start where the setting could mean a real broker`(
        settings: [String: String], why: String
    ) async throws {
        var program = try Program(Ground())
        program.environment = settings.merging(["TORGHUT_DB_DSN": "postgresql://127.0.0.1:9/none"]) { $1 }
        let output = try await program.run("run", "--roles", "api")
        #expect(
            output.status == 2 && output.err.contains("TORGHUT_SIMULATOR_URL \(why)") || output.err.contains(why),
            "\(output)")
        #expect(output.status == 2, "\(output)")
    }
}
