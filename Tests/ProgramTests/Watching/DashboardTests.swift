import Foundation
import TestSupport
import Testing

/// The dashboards of `deploy/grafana`; that every query has its data, `All five lanes at once` sees.
@Suite struct `The dashboards` {
    private static let folder = WatchingPrometheus.deploy + "/grafana/dashboards"
    private static let script = WatchingPrometheus.deploy + "/check-grafana.sh"

    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    }

    @Test func `are what their boards say`() async throws {
        let verdict = try await Watcher.judge("grafana/dashboards.py", "check")
        #expect(verdict.status == 0, "\(verdict)")
        #expect(try Self.files(Self.folder).count == 4)
    }

    @Test func `hold nothing that Grafana's own types do not know`() async throws {
        let files = try Self.files(Self.folder)
        let verdict = try await aside { try Judge.run("bash", [Self.script] + files) }
        #expect(verdict.status == 0 && verdict.output.hasPrefix("4 dashboards"), "\(verdict)")
    }

    @Test(arguments: [
        ("\"legendFormat\"", "\"legendFormt\"", "query.legendFormt is no field of Grafana's"),
        ("\"colorMode\"", "\"colourMode\"", "options.colourMode is no field of Grafana's"),
        ("\"uid\": \"${datasource}\"", "\"uid\": \"prometheus\"", "its source is no variable"),
        ("\"schemaVersion\"", "\"schema\"", "schema is no field of Grafana's"),
    ])
    func `are judged by tests that find a planted fault`(right: String, wrong: String, said: String) async throws {
        let broken = TemporaryFolder()
        for path in try Self.files(Self.folder) {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let copy = broken.path + "/" + URL(filePath: path).lastPathComponent
            try text.replacing(right, with: wrong).write(toFile: copy, atomically: true, encoding: .utf8)
        }
        let files = try Self.files(broken.path)
        let verdict = try await aside { try Judge.run("bash", [Self.script] + files) }
        #expect(verdict.status == 1 && verdict.errors.contains(said), "\(verdict)")
    }
}
