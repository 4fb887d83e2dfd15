import Foundation
import Testing

@Suite struct `What a newcomer asks first` {
    @Test func `doctor says for each check what it found, and how to mend what is missing`() async throws {
        var program = try Program(Ground())
        let healthy = try await program.run("doctor", "--json")
        #expect([0, 3].contains(healthy.status))
        let checks = try healthy.lines.map { try fields($0) }
        #expect(
            Set(checks.compactMap { $0["check"] as? String }).isSuperset(of: [
                "kcat", "fsync", "free space", "open files", "PostgreSQL", "torghut-sim", "lean-runner", "console",
                "charts", "port", "free memory", "database folder",
            ]))
        program.environment = ["PATH": "/nowhere", "TORGHUT_HOME": "/nowhere", "TORGHUT_CONSOLE_CHARTS": "/nowhere"]
        let poor = try await program.run("doctor", "--json")
        #expect(poor.status == 3)
        let missing = try poor.lines.map { try fields($0) }.filter { $0["ok"] as? Bool == false }
        let mends = Dictionary(
            uniqueKeysWithValues: missing.map { ($0["check"] as? String ?? "", $0["mend"] as? String ?? "") })
        #expect(mends["kcat"]?.contains("apt-get install kcat") == true, "\(mends)")
        #expect(mends["console"]?.contains("TORGHUT_HOME") == true, "\(mends)")
        #expect(mends["charts"]?.contains("libjs-chart.js") == true, "\(mends)")
    }
}
