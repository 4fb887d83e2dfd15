import Foundation
import TestSupport
import Testing

@testable import Telemetry

@Suite struct `Metrics` {
    /// Declared in one place, as each target does.
    struct SampleMetrics: Sendable {
        let appended: Family<Counter>
        let depth: Gauge
        let latency: Family<Histogram>

        init(in registry: Registry) {
            appended = registry.counters("torghut_sample_appended_total", "Records appended.", by: ["engine", "topic"])
            depth = registry.gauge("torghut_sample_queue_depth", "Elements waiting.")
            latency = registry.histograms(
                "torghut_sample_append_seconds", "How long an append took.", by: ["engine"], bounds: [0.1, 0.5, 1])
        }
    }

    @Test func `render as Prometheus reads them`() {
        let registry = Registry()
        let metrics = SampleMetrics(in: registry)
        metrics.appended.labelled("journal", "b").increment()
        metrics.appended.labelled("journal", "a").increment(by: 41)
        metrics.appended.labelled("journal", "a").increment()
        metrics.depth.set(7)
        metrics.depth.add(-0.5)
        for seconds in [0.1, 0.25, 0.75, 3] { metrics.latency.labelled("kafka").observe(seconds) }
        metrics.latency.labelled("kafka").observe(.milliseconds(400))
        #expect(
            registry.render() == """
                # HELP torghut_sample_append_seconds How long an append took.
                # TYPE torghut_sample_append_seconds histogram
                torghut_sample_append_seconds_bucket{engine="kafka",le="0.1"} 1
                torghut_sample_append_seconds_bucket{engine="kafka",le="0.5"} 3
                torghut_sample_append_seconds_bucket{engine="kafka",le="1"} 4
                torghut_sample_append_seconds_bucket{engine="kafka",le="+Inf"} 5
                torghut_sample_append_seconds_sum{engine="kafka"} 4.5
                torghut_sample_append_seconds_count{engine="kafka"} 5
                # HELP torghut_sample_appended_total Records appended.
                # TYPE torghut_sample_appended_total counter
                torghut_sample_appended_total{engine="journal",topic="a"} 42
                torghut_sample_appended_total{engine="journal",topic="b"} 1
                # HELP torghut_sample_queue_depth Elements waiting.
                # TYPE torghut_sample_queue_depth gauge
                torghut_sample_queue_depth 6.5

                """)
    }

    @Test func `promtool finds nothing to object to, whatever labels and help texts hold`() throws {
        let registry = Registry(maximumSeries: 50)
        let metrics = SampleMetrics(in: registry)
        _ = TelemetryMetrics(in: registry)
        let nasty = registry.gauges("torghut_nasty", "A \"help\" with \\ and\na new line, and ключ.", by: ["value"])
        for value in [
            "", "\"", "\\", "\n", "\\n", "a\\\"b", "}", "{x=\"y\"} 1", "\u{2028}", "ключ", "\r", "\0", "# HELP",
        ] {
            nasty.labelled(value).set(1)
        }
        for (label, value) in [
            ("inf", .infinity), ("-inf", -.infinity), ("nan", .nan), ("tiny", .leastNonzeroMagnitude), ("big", 1e300),
        ]
            as [(String, Double)]
        {
            nasty.labelled(label).set(value)
        }
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            metrics.appended.labelled(anyText(&generator), anyText(&generator)).increment(by: generator.next() >> 20)
            metrics.latency.labelled(anyText(&generator)).observe(Double.random(in: -1...100, using: &generator))
        }
        let text = registry.render()
        #expect(text.contains("{overflow=\"true\"}"))
        let verdict = try Judge.run("promtool", ["check", "metrics"], input: Data(text.utf8))
        #expect(verdict.status == 0, "\(verdict.errors)\n\(text)")
        #expect(verdict.output + verdict.errors == "")
    }

    @Test func `promtool would object to a broken text`() throws {
        for broken in [
            "a_total 1\na_total 2\n", "# TYPE x counter\nx{a=\"b} 1\n", "# HELP x y\n# TYPE x counter\nx 1\n",
        ] {
            let verdict = try Judge.run("promtool", ["check", "metrics"], input: Data(broken.utf8))
            #expect(verdict.status != 0, "\(broken)")
            #expect(verdict.status != 127, "promtool is not installed")
        }
    }

    @Test func `buckets add up: each holds all that is at most its bound, and the last holds everything`() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let registry = Registry()
            let bounds = Set((0..<5).map { _ in Double(Int.random(in: -20...20, using: &generator)) }).sorted()
            let histogram = registry.histogram("h", "h", bounds: bounds)
            let values = (0..<50).map { _ in Double(Int.random(in: -25...25, using: &generator)) }
            for value in values { histogram.observe(value) }
            let text = registry.render()
            for bound in bounds {
                let below = values.count { $0 <= bound }
                #expect(text.contains("h_bucket{le=\"\(Int(bound))\"} \(below)\n"), "seed \(seed)")
            }
            #expect(text.contains("h_bucket{le=\"+Inf\"} 50\n"), "seed \(seed)")
            #expect(text.contains("h_count 50\n"), "seed \(seed)")
            #expect(text.contains("h_sum \(Int(values.reduce(0, +)))\n"), "seed \(seed)")
        }
    }

    @Test func `series beyond the limit share one, which says so`() {
        let registry = Registry(maximumSeries: 3)
        let family = registry.counters("f_total", "f", by: ["symbol"])
        for symbol in ["A", "B", "C", "D", "E", "A"] { family.labelled(symbol).increment() }
        #expect(
            registry.render().split(separator: "\n").dropFirst(2) == [
                "f_total{symbol=\"A\"} 2", "f_total{symbol=\"B\"} 1", "f_total{symbol=\"C\"} 1",
                "f_total{overflow=\"true\"} 2",
            ])
        family.remove("B")
        family.labelled("D").increment()
        #expect(registry.render().contains("f_total{symbol=\"D\"} 1\n"))
        #expect(!registry.render().contains("\"B\""))
        #expect(Registry().maximumSeries == MetricLimits.maximumSeries)
    }

    @Test func `a label value longer than the limit is cut between characters`() {
        let registry = Registry()
        let family = registry.counters("f_total", "f", by: ["v"])
        let longest = String(repeating: "x", count: MetricLimits.maximumLabelBytes)
        family.labelled(longest).increment()
        family.labelled(longest + "y").increment()
        #expect(registry.render().contains("f_total{v=\"\(longest)\"} 2\n"))
        let wide = String(repeating: "x", count: MetricLimits.maximumLabelBytes - 1)
        family.labelled(wide + "é").increment()
        #expect(registry.render().contains("f_total{v=\"\(wide)\"} 1\n"))
    }

    @Test func `nothing is lost when many count at once, and every scrape is whole`() async throws {
        let registry = Registry()
        let metrics = SampleMetrics(in: registry)
        let (tasks, turns) = (8, 2_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for turn in 0..<turns {
                        metrics.appended.labelled("journal", "\(turn % 5)").increment()
                        metrics.depth.add(task % 2 == 0 ? 1 : -1)
                        metrics.latency.labelled("journal").observe(1)
                    }
                }
            }
            group.addTask {
                for _ in 0..<50 {
                    let text = registry.render()
                    let sum = text.split(separator: "\n").first { $0.contains("_sum") }?.split(separator: " ").last
                    let count = text.split(separator: "\n").first { $0.contains("_count") }?.split(separator: " ").last
                    #expect(sum == count)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        let counted = (0..<5).reduce(0) { $0 + metrics.appended.labelled("journal", "\($1)").value }
        #expect(counted == UInt64(tasks * turns))
        #expect(metrics.depth.value == 0)
        #expect(metrics.latency.labelled("journal").snapshot.count == UInt64(tasks * turns))
    }

    private func anyText(_ generator: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: 0..<0xD800, using: &generator)) ?? " ")
        }
        return text
    }
}
