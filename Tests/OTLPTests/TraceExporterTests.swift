import Core
import Foundation
import HTTPServer
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import OTLP

/// A collector that answers as it is told.
private final class Collector: Sendable {
    struct State {
        var answers: [Int] = []
        var pause: Duration = .zero
        var spans = 0
        var requests = 0
        var headers: [String: String] = [:]
    }

    let state = Mutex(State())
    let server: HTTPServer

    init(answers: [Int] = [], pause: Duration = .zero) throws {
        state.withLock { ($0.answers, $0.pause) = (answers, pause) }
        let told = Told()
        server = try HTTPServer(HTTPServerSettings()) { request in await told.answer(request) }
        told.owner.withLock { $0 = self }
    }

    /// Breaks the circle of a server that needs its owner.
    private final class Told: Sendable {
        let owner = Mutex<Collector?>(nil)

        func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
            guard let owner = owner.withLock({ $0 }) else { return .text("", status: 503) }
            let (status, pause) = owner.state.withLock { state in
                state.requests += 1
                for (name, value) in request.headers { state.headers[name.lowercased()] = value }
                let status = state.answers.isEmpty ? 200 : state.answers.removeFirst()
                if status == 200 {
                    state.spans +=
                        String(decoding: request.body, as: UTF8.self).components(separatedBy: "\"spanId\"").count - 1
                }
                return (status, state.pause)
            }
            if pause > .zero { do { try await Task.sleep(for: pause) } catch { return .text("", status: 503) } }
            return .text("{}", status: status)
        }
    }

    var spans: Int { state.withLock { $0.spans } }
    var requests: Int { state.withLock { $0.requests } }
    var address: String { "http://127.0.0.1:\(server.port)" }
}

@Suite struct `An exporter of traces` {
    private let registry = Registry()

    private func exporter(_ address: String, _ more: [String: String] = [:]) throws -> TraceExporter {
        let given = ["OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "50"].merging(more) { $1 }
        return TraceExporter(
            try #require(try TraceSettings.read(service: "t", process: "p") { given[$0] }), in: registry)
    }

    private func record(_ count: Int, to tracing: Tracing) {
        let now = Timestamp(nanoseconds: 1)
        for _ in 0..<count {
            let context = TraceContext(Tracing.anyTrace(), Tracing.anySpan())
            tracing.record(context.trace) { Span(context, parent: nil, "s", .internal, from: now, to: now) }
        }
    }

    private func fate(_ word: String) -> Int {
        let start = "torghut_trace_spans_total{fate=\"\(word)\"} "
        return registry.render().split(separator: "\n").first { $0.hasPrefix(start) }
            .flatMap { Int($0.dropFirst(start.count)) } ?? -1
    }

    @Test func `brings every span once, in batches, with its headers`() async throws {
        let collector = try Collector()
        let exporter = try exporter(
            collector.address,
            ["OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "100"])
        let running = Task { await exporter.run() }
        record(250, to: exporter.tracing)
        try await eventually("all spans") { collector.spans == 250 }
        #expect(collector.requests >= 3)
        #expect(collector.state.withLock { $0.headers["x-key"] } == "secret")
        await exporter.end(within: .seconds(2))
        await running.value
        #expect(fate("exported") == 250 && fate("no_room") == 0)
        await collector.server.stop()
    }

    @Test func `tries again what was not taken, and drops what never will be`() async throws {
        let collector = try Collector(answers: [503, 429])
        let exporter = try exporter(collector.address)
        let running = Task { await exporter.run() }
        // One: several might go in two requests, and each of these has an answer of its own.
        record(1, to: exporter.tracing)
        try await eventually("the first batch") { fate("exported") == 1 }
        collector.state.withLock { $0.answers = Array(repeating: 400, count: 3) }
        record(3, to: exporter.tracing)
        try await eventually("the refusal") { fate("refused") == 3 }
        collector.state.withLock { $0.answers = [429] }
        record(4, to: exporter.tracing)
        try await eventually("the third batch") { fate("exported") == 5 }
        #expect(collector.spans == 5)
        #expect(registry.render().contains("torghut_trace_export_failures_total{cause=\"http_503\"} 1\n"))
        await exporter.end(within: .seconds(2))
        await running.value
        await collector.server.stop()
    }

    @Test func `keeps nobody waiting while the collector hangs, counts what is lost, and ends in time`() async throws {
        let collector = try Collector(pause: .seconds(60))
        let exporter = try exporter(
            collector.address, ["OTEL_EXPORTER_OTLP_TIMEOUT": "30000", "OTEL_BSP_MAX_QUEUE_SIZE": "100"])
        let running = Task { await exporter.run() }
        // One: of several the request might carry the first alone, and the others would wait.
        record(1, to: exporter.tracing)
        try await eventually("a request that hangs") { collector.requests == 1 }
        let start = ContinuousClock.now
        record(10_000, to: exporter.tracing)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(fate("no_room") == 9_900)
        let ending = ContinuousClock.now
        await exporter.end(within: .milliseconds(500))
        #expect(ContinuousClock.now - ending < .seconds(10))
        #expect(fate("undelivered") == 100)
        running.cancel()
        await collector.server.stop()
    }

    @Test func `comes back when the collector does`() async throws {
        let first = try Collector()
        let (address, port) = (first.address, first.server.port)
        await first.server.stop()
        let exporter = try exporter(address)
        let running = Task { await exporter.run() }
        record(5, to: exporter.tracing)
        try await eventually("a failure") {
            registry.render().contains("torghut_trace_export_failures_total{cause=\"unreachable\"}")
        }
        let told = Mutex(0)
        let second = try HTTPServer(HTTPServerSettings(port: port)) { _ in
            told.withLock { $0 += 1 }
            return .text("{}")
        }
        try await eventually("the spans") { fate("exported") + fate("undelivered") == 5 }
        record(5, to: exporter.tracing)
        try await eventually("the next spans") { told.withLock { $0 } > 0 && fate("exported") >= 5 }
        await exporter.end(within: .seconds(2))
        await running.value
        await second.stop()
    }
}
