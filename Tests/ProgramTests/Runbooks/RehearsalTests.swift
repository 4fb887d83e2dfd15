import Foundation
import TestSupport
import Testing

@Suite struct `Rehearsals of the runbooks` {
    /// Both at once: each has a system of its own and mostly waits.
    @Test func `a rollback and the recovery of a small log go as their pages say, and so do the looks of all pages`()
        async throws
    {
        let pages = RunbookPages()
        async let rollback = pages.rehearse(["rollback-rehearsal"], and: ["--see", pages.folder])
        async let recovery = pages.rehearse(["disaster-recovery"])
        for verdict in try await [rollback, recovery] {
            #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
            #expect(verdict.lines.last == "rehearsed: as the pages say")
        }
        let looked = try await rollback.output.firstMatch(of: #/looked: (\d+) commands/#).flatMap { Int($0.1) }
        #expect(looked ?? 0 > 50)
        for name in Self.recoveries["disaster-recovery"] ?? [] {
            #expect(try await recovery.output.contains(" s: \(name) (disaster-recovery.md, "))
        }
    }

    /// What the page of times must have a row for.
    private static let recoveries = [
        "disaster-recovery": ["Postgres is lost", "The journal is damaged", "The journal is lost"],
        "kafka-recovery": ["Kafka is lost", "A topic is lost"],
        "rollback-rehearsal": ["Taken back, and on again", "The stop itself"],
        "emergency-safe-posture": ["Everything", "The way back"],
        "secret-rotation": ["A token of the API", "The database's password"],
    ]

    @Test func `the page of times has a row for each recovery, with machine and day`() throws {
        let text = try String(contentsOfFile: RunbookPages().page("recovery-times"), encoding: .utf8)
        for recovery in Self.recoveries.values.joined().sorted() {
            let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| \(recovery) |") })
            #expect(row.contains(#/\| ([\d,]+|–) \| [\d.]+ s \|$/#), "\(row)")
        }
        #expect(text.contains(#/Taken on \d{4}-\d{2}-\d{2}: .+ cores of .+ build\./#))
    }

    @Test func `a page that says what is not so is found`() async throws {
        let ground = try Ground()
        let cases = [
            ("$ torghut log verify\nok: 5 records", "does not show: ok: 5 records"),
            ("$ torghut log verify\nexit 3", "ended with 0, not 3"),
            ("$ torghut log verify\nok: 0 records\n$ exit 1", "did not end"),
        ]
        for (body, found) in cases {
            let pages = RunbookPages(ground.folder)
            try "# A page\n\n```session\n$ torghut topics apply >/dev/null\n\(body)\n```\n".write(
                toFile: pages.page("lie"), atomically: true, encoding: .utf8)
            let verdict = try await pages.rehearse(["lie"])
            #expect(verdict.status == 3 && verdict.output.contains(found), "\(verdict.output)\(verdict.errors)")
        }
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: rehearsals of the runbooks` {
    /// Kafka's mock keeps little, so only the journal's log is a larger one.
    @Test(arguments: [
        (["disaster-recovery"], ["RATE=50", "LOAD=60s", "LOST=10s"]),
        (["kafka-recovery", "rollback-rehearsal", "emergency-safe-posture", "secret-rotation"], ["LOAD=10s"]),
    ])
    func `every page that can be rehearsed, on a larger log`(names: [String], settings: [String]) async throws {
        let verdict = try await RunbookPages().rehearse(
            names, and: ["--limit", "900"] + settings.flatMap { ["--set", $0] })
        print(verdict.lines.filter { $0.hasPrefix("took ") }.joined(separator: "\n"))
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }
}
