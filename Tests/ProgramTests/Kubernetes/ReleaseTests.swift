import Foundation
import TestSupport
import Testing

/// What `make package` makes of programs, tried on those of this build; the whole of it runs in `make test-package`.
@Suite struct `A release` {
    private static let top = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL.path
    private static let commit = String(repeating: "ab", count: 20)

    private func judged(_ program: String, _ arguments: String...) async throws -> Judge.Verdict {
        try await aside { try Judge.run(program, arguments) }
    }

    @Test func `finds its files wherever it is moved, and each of them is in its bill`() async throws {
        let ground = try Ground()
        let (stage, moved) = (ground.folder + "/stage", ground.folder + "/somewhere/else")
        let built = URL(filePath: Program.path).deletingLastPathComponent().path
        let staged = try await judged("bash", Self.top + "/deploy/package/stage.sh", built, stage)
        try #require(staged.status == 0, "\(staged.errors)")
        let bill = try await judged(
            "python3", Self.top + "/deploy/package/bill.py", stage, "0.1.0", Self.commit, "1770000000")
        try #require(bill.status == 0, "\(bill.errors)")
        try bill.output.write(toFile: stage + "/share/torghut/sbom.cdx.json", atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: ground.folder + "/somewhere", withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: stage, toPath: moved)

        let program = Program(ground)
        let doctor = try await program.run(["doctor", "--json"], executable: moved + "/bin/torghut")
        for check in ["tables", "database script", "console"] {
            let line = try #require(doctor.lines.first { $0.contains("\"check\":\"\(check)\"") })
            #expect(line.contains("\"ok\":true") && line.contains(moved + "/share/torghut/"), "\(line)")
        }
        // Who runs a release builds nothing.
        #expect(!doctor.text.contains("\"check\":\"git\""))

        let whole = try await judged("bash", `The manifests of Kubernetes`.script, "bill", moved)
        #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
        try "-- another".write(
            toFile: moved + "/share/torghut/schemas/sql/0001-planted.sql", atomically: true, encoding: .utf8)
        try "another".write(toFile: moved + "/share/torghut/README.md", atomically: true, encoding: .utf8)
        let planted = try await judged("bash", `The manifests of Kubernetes`.script, "bill", moved)
        #expect(planted.status == 1, "\(planted.errors)")
        for said in ["0001-planted.sql is not in the bill", "README.md is not the one of the bill"] {
            #expect(planted.output.contains(said), "\(planted.output)")
        }
    }

    /// These are linked with Swift's runtime beside them, and that is no package of Debian's.
    @Test func `is refused when a program needs what its packages do not bring`() async throws {
        let verdict = try await judged("bash", Self.top + "/deploy/package/linked.sh", Program.path)
        #expect(verdict.status == 1 && verdict.errors.contains("of no Debian package"), "\(verdict)")
    }

    @Test func `says its version in three ways, and that a developer's build is one`() async throws {
        let program = try Program(Ground())
        let (plain, short) = (try await program.run("version"), try await program.run("--version"))
        #expect(plain.status == 0 && plain.text == short.text)
        #expect(
            plain.text.wholeMatch(of: /torghut \d+\.\d+\.\d+ \((development build|[0-9a-f]{40}(-dirty)?)\)\n/) != nil)
        let json = try await program.run("version", "--json")
        #expect(json.text.hasPrefix("{\"version\":\""), "\(json.text)")
    }
}
