import Telemetry
import TestSupport
import Testing

@testable import Runtime

@Suite struct `What a following archiver measures` {
    @Test func `is on the page, word by word, and nothing else`() async throws {
        let port = try ArchivePort(host: "127.0.0.1", port: 0, archive: "/nowhere", kafka: [:], time: SetClock())
        let declared = port.registry.catalogue.map { family in
            MetricsPage.Row(
                name: family.name, kind: family.kind,
                labels: family.labels.isEmpty ? "–" : family.labels.joined(separator: ", "), meaning: family.help)
        }
        let written = try MetricsPage.rows(of: "torghut log archive --follow")
        #expect(Set(declared) == Set(written) && declared.count == written.count, "\(declared) and \(written)")
        await port.stop()
    }
}
