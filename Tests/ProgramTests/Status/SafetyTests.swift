import Foundation
import TestSupport
import Testing

@Suite struct `Whether trading can go on, asked at the command line and at the API` {
    private struct Answer {
        let isSafe: Bool
        /// Each finding with all its words; those of roles name a moment and a lag, which go on.
        let words: [String]

        init(_ text: String) throws {
            let told = try fields(text)
            isSafe = try #require(told["safe"] as? Bool)
            _ = try #require(told["looked_at"] as? String)
            let findings = try #require(told["findings"] as? [[String: Any]])
            let reasons = try #require(told["reasons"] as? [[String: Any]])
            #expect(reasons.count == findings.filter { $0["reason"] is String }.count && isSafe == reasons.isEmpty)
            words = findings.map { finding in
                ["what", "name", "state", "reason", "next"].map { name in
                    let word = "\(finding[name] ?? "missing")"
                    return finding["what"] as? String == "role" && name == "state" ? String(word.prefix(7)) : word
                }.joined(separator: " | ")
            }
        }
    }

    @Test func `is answered in the same words`() async throws {
        var program = try Program(Ground())
        try await program.prepared()
        program.environment["TRADING_MODE"] = "paper"
        // No database: nothing of this is read from one.
        let api = try await RunningAPI(program, roles: "api,commands", address: "postgresql://127.0.0.1:1/none")
        func same(_ what: String, _ isMeant: @escaping (Answer) -> Bool) async throws {
            var (asked, said) = ("", "")
            do {
                try await eventually(what) {
                    asked = try await api.curl("/trading/safety", as: RunningAPI.reader).body
                    let output = try await program.run("status", "--json")
                    said = output.text
                    let (one, other) = (try Answer(asked), try Answer(said))
                    #expect(output.status == (other.isSafe ? 0 : 3))
                    return one.words == other.words && one.isSafe == other.isSafe && isMeant(one)
                }
            } catch {
                Issue.record("\(asked)\n\(said)")
                throw error
            }
        }
        try await same("a log as it is delivered") { answer in
            !answer.isSafe && answer.words.contains { $0.contains("as delivered: nobody released it yet") }
                && answer.words.contains { $0.hasPrefix("role | api ") }
        }
        let who = ["--reason", "because", "--actor", "anna"]
        #expect(try await program.run(["resume"] + who).status == 0)
        try await same("a system that may trade") { $0.isSafe }
        #expect(try await program.run(["kill"] + who).status == 0)
        #expect(try await program.run(["symbol", "review", "open", "BTC/USD"] + who).status == 0)
        let broken = try await program.run("log", "append", "--topic", "torghut.control.v1", input: #"{"value":"{"}"#)
        #expect(broken.status == 0, "\(broken.err)")
        try await same("three words against it") { answer in
            answer.words.contains { $0.hasPrefix("kill_switch | latch | engaged") }
                && answer.words.contains { $0.hasPrefix("kill_switch | log | engaged | because") }
                && answer.words.contains { $0.contains("it may be an order to stop") }
                && answer.words.contains("review | BTC/USD | open | <null> | <null>")
        }
        let told = try await api.curl("/trading/safety")
        #expect(
            told.status == 200 && told.header("Torghut-Position")?.contains("torghut.control.v1=") == true, "\(told)")
        #expect(try await api.curl("/trading/safety", as: nil).status == 401)
        #expect(try await api.curl("/trading/safety?since=now").status == 400)
        _ = try await api.roles.stop()
    }
}
