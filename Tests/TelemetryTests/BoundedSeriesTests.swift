import Foundation
import TestSupport
import Testing

@testable import Telemetry

@Suite struct `A scrape` {
    @Test func `has a bounded number of series, however many symbols and whatever texts come`() throws {
        let registry = Registry()
        let counters = registry.counters("torghut_a_total", "a", by: ["symbol", "reason"])
        let gauges = registry.gauges("torghut_boxes", "b", by: ["symbol"])
        let histograms = registry.histograms("torghut_c_seconds", "c", by: ["symbol"], bounds: [1, 2])
        let hostile = ["\"} 1\n", "\\", "\n# TYPE x counter\nx 1\n", String(repeating: "é", count: 10_000), "\u{0}"]
        for number in 0..<10_000 {
            let symbol = "S\(number)" + hostile[number % hostile.count]
            counters.labelled(symbol, hostile[(number + 1) % hostile.count]).increment()
            gauges.labelled(symbol).set(1)
            histograms.labelled(symbol).observe(1)
        }
        let limit = MetricLimits.maximumSeries + 1
        #expect(counters.count == limit && gauges.count == limit && histograms.count == limit)
        let bytes = registry.renderBytes()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let samples = lines.filter { !$0.hasPrefix("#") }
        // A histogram of two bounds is five lines.
        #expect(samples.count == limit * 2 + limit * 5)
        #expect(bytes.count < samples.count * 600)
        // Nobody's count is lost: those beyond the limit share one series.
        let total = samples.filter { $0.hasPrefix("torghut_a_total") }.compactMap {
            $0.split(separator: " ").last.flatMap { Int($0) }
        }
        #expect(total.reduce(0, +) == 10_000)
        let verdict = try Judge.run("promtool", ["check", "metrics"], input: Data(bytes))
        #expect(verdict.status == 0, "\(verdict.errors.prefix(500))")
    }

    @Test func `names what there is to see before there is anything to see of it`() {
        let registry = Registry()
        _ = registry.counters("torghut_a_total", "A.", by: ["symbol"])
        #expect(registry.render() == "# HELP torghut_a_total A.\n# TYPE torghut_a_total counter\n")
        #expect(registry.catalogue.map(\.name) == ["torghut_a_total"])
    }

    @Test func `says what the kernel says of this process`() throws {
        let registry = Registry()
        _ = ProcessMetrics(in: registry)
        let before = try values(registry)
        let cpu = try #require(before["process_cpu_seconds_total"])
        let files = try #require(before["process_open_fds"])
        // Others in this process open and close files too.
        let opened = try (0..<200).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
        var spun = 0
        let deadline = ContinuousClock.now + .seconds(20)
        while try values(registry)["process_cpu_seconds_total", default: 0] <= cpu, ContinuousClock.now < deadline {
            spun += 1
        }
        let after = try values(registry)
        #expect(after["process_cpu_seconds_total", default: 0] > cpu)
        #expect(after["process_open_fds", default: 0] >= files + 100)
        #expect(opened.count == 200)
        #expect(after["process_resident_memory_bytes", default: 0] > 1_000_000)
        #expect(after["process_threads", default: 0] >= 1)
        #expect(after["process_max_fds", default: 0] > 20)
        let started = try #require(after["process_start_time_seconds"])
        #expect((0.0..<86_400 * 7).contains(Date().timeIntervalSince1970 - started))
    }

    private func values(_ registry: Registry) throws -> [String: Double] {
        var values: [String: Double] = [:]
        for line in registry.render().split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        return values
    }
}
