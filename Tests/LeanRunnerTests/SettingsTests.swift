import Core
import Testing

@testable import lean_runner

@Suite struct `The settings of the runner` {
    private static let keys = ["APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret"]

    private static func read(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) throws -> RunnerSettings {
        let options = try GivenOptions(arguments, valued: RunnerSettings.valued, switches: ["until-eof"])
        return try RunnerSettings(options, environment: keys.merging(environment) { $1 }) { _ in file }
    }

    @Test func `stand as documented when nothing is said`() throws {
        let settings = try Self.read()
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8088)
        #expect(settings.token == nil)
        #expect(!settings.isKilledByEnvironment)
        #expect(settings.broker.address == "https://paper-api.alpaca.markets")
    }

    @Test func `name everything that is wrong at once`() throws {
        let problems = try #require(throws: UsageProblems.self) {
            try Self.read(["--port", "70000"], ["TRADING_MODE": "maybe", "LEAN_RUNNER_DRAIN_SECONDS": "soon"])
        }
        #expect(problems.list.count == 3)
    }

    @Test func `take no stranger's word without a token beyond this machine`() throws {
        #expect(throws: UsageProblems.self) { try Self.read(["--host", "0.0.0.0"]) }
        let settings = try Self.read(["--host", "0.0.0.0", "--token-file", "somewhere"], file: " word \n")
        #expect(settings.token?.reveal() == "word")
        #expect("\(settings)".contains("word") == false)
    }
}
