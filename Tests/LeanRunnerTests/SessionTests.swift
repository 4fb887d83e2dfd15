import Foundation
import TestSupport
import Testing

/// docs/lean-runner.md is right: its session is run as it stands there, and it leaves out no route.
@Suite struct `The session in the runner's page` {
    private static let token = "of-the-page"

    /// Runs commands, and keeps the program that they are about.
    private final class Stage {
        let broker: Simulator
        let folder = TemporaryFolder()
        var runner: RunnerProgram?
        var pattern = SessionPattern()
        var asked: [(method: String, path: String)] = []

        init() throws { broker = try Simulator("alpaca") }

        func start() throws {
            runner = try RunnerProgram(
                broker: broker.address(), data: folder.path,
                environment: [
                    "TRADING_LEAN_RUNNER_TOKEN": token, "LEAN_BACKTEST_DATA_FOLDER": folder.path + "/market",
                ])
        }

        /// Status and body of a `curl`, nothing of others.
        func run(_ command: String) async throws -> (status: Int, body: String)? {
            let names = ["RUNNER": runner?.address ?? "", "AUTH": "Authorization: Bearer \(token)"]
            let pid = runner.map { "\($0.processID)" } ?? ""
            let environment = pattern.names.merging(names) { $1 }.merging(["PID": pid]) { $1 }
            let script = "set -e; curl() { command curl -sS -w '\\n%{http_code}' \"$@\"; }; " + command
            let folder = folder.path
            let said = try await aside { try Self.bash(script, environment, folder) }
            guard command.hasPrefix("curl") else { return nil }
            note(command, environment)
            let parts = said.split(separator: "\n", omittingEmptySubsequences: false)
            return (Int(parts.last ?? "") ?? 0, parts.dropLast().joined(separator: "\n"))
        }

        private static func bash(_ script: String, _ environment: [String: String], _ folder: String) throws -> String {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = ["-c", script]
            process.currentDirectoryURL = URL(filePath: folder)
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = output
            try process.run()
            let said = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "\(script) ended with \(process.terminationStatus)")
            return String(decoding: said, as: UTF8.self)
        }

        /// Method and path of a `curl`, as the runner sees them.
        private func note(_ command: String, _ environment: [String: String]) {
            guard let start = command.range(of: "$RUNNER") else { return }
            var path = command[start.upperBound...].prefix { $0 != "?" && $0 != "\"" && $0 != " " }
            if path.isEmpty { path = "/" }
            var text = String(path)
            for (name, value) in environment { text = text.replacing("$" + name, with: value) }
            asked.append((command.contains("-X POST") || command.contains(" --json ") ? "POST" : "GET", text))
        }
    }

    @Test func `answers every command as the page says, through a kill and a restart`() async throws {
        let stage = try Stage()
        try Self.fillMarket(stage.folder.path + "/market")
        try await stage.broker.control("/_sim/outcomes", #"{"action": "rest", "times": 1000}"#)
        var routes: [String] = []
        for step in try SessionPage.read("lean-runner.md").steps {
            if step.command.hasPrefix("lean-runner ") {
                try stage.start()
                continue
            }
            let wasRunning = stage.runner
            let answer = try await Self.run(step, stage)
            if step.command.hasPrefix("kill ") { #expect(try await wasRunning?.ended() == -9) }
            if step.command.hasSuffix("/v1/observability"), answer?.status == 200 {
                routes = JSONAnswer(Array((answer?.body ?? "").utf8))("routes", as: [String].self) ?? []
            }
        }
        #expect(!routes.isEmpty)
        let untold = routes.filter { route in !stage.asked.contains { Self.fits(route, $0.method, $0.path) } }
        #expect(untold.isEmpty, "the page shows no \(untold)")
        if let runner = stage.runner { #expect(try await runner.stopped() == 0) }
    }

    /// A step that says `completed` or `voided` in its answer is asked again until it does: work and proofs take time.
    private static func run(_ step: SessionPage.Step, _ stage: Stage) async throws -> (status: Int, body: String)? {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            guard let answer = try await stage.run(step.command) else { return nil }
            guard let expected = step.expected else { return answer }
            let wanted = expected.split(separator: " ", maxSplits: 1).map(String.init)
            var difference = "\(answer.status)" == wanted[0] ? nil : "the status is \(answer.status)"
            if difference == nil, wanted.count > 1 { difference = Self.difference(wanted[1], answer.body, stage) }
            guard let difference else { return answer }
            if expected.contains("completed") || expected.contains("voided"), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            Issue.record("docs/lean-runner.md:\(step.line): \(difference)\n\(step.command)\n\(answer.body)")
            return answer
        }
    }

    private static func difference(_ expected: String, _ body: String, _ stage: Stage) -> String? {
        guard expected.hasPrefix("{"),
            let wanted = try? JSONSerialization.jsonObject(with: Data(expected.utf8)),
            let actual = try? JSONSerialization.jsonObject(with: Data(body.utf8))
        else { return body.contains(expected) ? nil : "\(expected) does not occur" }
        return stage.pattern.difference(wanted, actual)
    }

    /// Whether a request is one of a route, as `GET /v1/orders/:id`.
    private static func fits(_ route: String, _ method: String, _ path: String) -> Bool {
        let parts = route.split(separator: " ")
        guard parts.count == 2, parts[0] == method else { return false }
        let (pattern, asked) = (parts[1].split(separator: "/"), path.split(separator: "/"))
        return pattern.count == asked.count && zip(pattern, asked).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
    }

    /// An hour of minutes that rise and fall.
    private static func fillMarket(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var lines = ["ts,symbol,open,high,low,close,volume"]
        for minute in 0..<240 {
            let price = 100 + 5 * sin(Double(minute) / 12)
            let text = String(format: "%.2f", price)
            let time = String(format: "2026-01-05T%02d:%02d:00Z", 14 + minute / 60, minute % 60)
            lines.append("\(time),AAPL,\(text),\(text),\(text),\(text),1000")
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: folder + "/aapl.csv"))
    }
}
