import Foundation
import TestSupport
import Testing

@Suite struct `The console in a browser` {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/check-console.sh").standardizedFileURL.path

    /// Chromium looks at every page, axe-core judges it, psql and the log say what its figures must be, and the buttons
    /// are pressed.
    ///
    /// The script names every fault; the last thing it does is to plant some and find them.
    @Test func `shows what psql and the log say, can be used by anybody, and does what its buttons say`() async throws {
        let program = try Program(Ground())
        let up = try await RunningUp(program, "--fresh", "--rate", "4")
        let arguments = [Self.script, RunningUp.folder(program) + "/up.json", "--program", Program.path]
        let verdict = try await aside { try Judge.run("bash", arguments) }
        let wrong = verdict.output.split(separator: "\n").filter { $0.hasPrefix("WRONG") }.joined(separator: "\n")
        #expect(verdict.status == 0, "\(wrong)\n\(verdict.errors.suffix(4000))")
        #expect(verdict.output.contains(" looked at, 0 wrong"), "\(verdict.output.suffix(2000))")
        // What the buttons began is over before the whole ends.
        #expect(try await up.post("/trading/simulator/calm", #"{"reason":"enough"}"#).status < 300)
        try await eventually("calm") { try await up.get("/trading/simulator").body.contains(#""running":null"#) }
        up.signal(SIGINT)
        let ended = try await up.process.finish()
        let said = try up.text()
        #expect(ended == 0, "\(said.suffix(2000))")
    }
}
