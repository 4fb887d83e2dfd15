import Testing

@testable import Telemetry

@Suite struct `Declaring an instrument` {
    private static func declaration(
        _ kind: MetricDeclaration.Kind = .gauge, _ name: String = "depth", help: String = "h", labels: [String] = [],
        bounds: [Double] = []
    ) -> MetricDeclaration {
        MetricDeclaration(kind: kind, name: name, help: help, labels: labels, bounds: bounds)
    }

    @Test(arguments: [
        declaration(), declaration(.counter, "a:b_total"), declaration(.gauge, "_x9", labels: ["a", "b_2"]),
        declaration(.histogram, "latency_seconds", bounds: [0.1]),
        declaration(.histogram, "latency_seconds", bounds: Histogram.latencies),
        declaration(.histogram, "batch_records", bounds: Histogram.sizes),
    ])
    func `takes what follows the rules`(declaration: MetricDeclaration) { #expect(declaration.fault == nil) }

    @Test(arguments: [
        declaration(.gauge, ""), declaration(.gauge, "9x"), declaration(.gauge, "a-b"), declaration(.gauge, "a b"),
        declaration(.gauge, "é"), declaration(.gauge, "a\n"), declaration(help: ""), declaration(.counter, "requests"),
        declaration(.gauge, "requests_total"), declaration(labels: ["a-b"]), declaration(labels: ["a:b"]),
        declaration(labels: [""]), declaration(labels: ["__a"]), declaration(labels: ["le"]),
        declaration(labels: ["overflow"]), declaration(labels: ["a", "a"]), declaration(.histogram, "h"),
        declaration(.histogram, "h", bounds: [1, 1]), declaration(.histogram, "h", bounds: [2, 1]),
        declaration(.histogram, "h", bounds: [1, .infinity]), declaration(.histogram, "h", bounds: [.nan]),
    ])
    func `refuses what breaks one`(declaration: MetricDeclaration) { #expect(declaration.fault != nil) }

    @Test func `a broken rule ends the program where it was broken`() async {
        await #expect(processExitsWith: .failure) { _ = Registry().counter("requests", "Counters end in _total.") }
    }

    @Test func `the same declaration twice gives the same instrument`() {
        let registry = Registry()
        registry.counter("a_total", "a").increment()
        registry.counter("a_total", "a").increment()
        #expect(registry.counter("a_total", "a").value == 2)
    }

    @Test func `one name with two meanings ends the program`() async {
        await #expect(processExitsWith: .failure) {
            let registry = Registry()
            _ = registry.counter("a_total", "a")
            _ = registry.counter("a_total", "something else")
        }
    }

    @Test func `a name that a histogram's samples have ends the program`() async {
        await #expect(processExitsWith: .failure) {
            let registry = Registry()
            _ = registry.gauge("append_count", "a")
            _ = registry.histogram("append", "a")
        }
    }

    @Test func `the wrong number of label values ends the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = Registry().gauges("g", "g", by: ["a", "b"]).labelled("only one")
        }
    }
}
