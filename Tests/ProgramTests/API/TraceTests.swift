import Core
import Domain
import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// A collector of spans, as a house that is traced meets it.
private final class SpanCollector: Sendable {
    struct Span {
        let trace: String
        let id: String
        let parent: String?
        let name: String
        let kind: Int
        let attributes: [String: String]
    }

    private final class Shelf: Sendable {
        let bodies = Mutex<[[UInt8]]>([])
    }

    private let shelf: Shelf
    let server: HTTPServer

    init() throws {
        let shelf = Shelf()
        self.shelf = shelf
        server = try HTTPServer(HTTPServerSettings(maximumBodyBytes: 8 << 20)) { request in
            guard request.target == "/v1/traces" else { return .text("", status: 404) }
            shelf.bodies.withLock { $0.append(request.body) }
            return .text("{}")
        }
    }

    var address: String { "http://127.0.0.1:\(server.port)" }

    func spans() throws -> [Span] {
        var found: [Span] = []
        for body in shelf.bodies.withLock({ $0 }) {
            let root = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            for resource in root?["resourceSpans"] as? [[String: Any]] ?? [] {
                for scope in resource["scopeSpans"] as? [[String: Any]] ?? [] {
                    found += try (scope["spans"] as? [[String: Any]] ?? []).map(Self.span)
                }
            }
        }
        return found
    }

    private static func span(_ json: [String: Any]) throws -> Span {
        var attributes: [String: String] = [:]
        for attribute in json["attributes"] as? [[String: Any]] ?? [] {
            let value = attribute["value"] as? [String: Any]
            attributes[attribute["key"] as? String ?? ""] =
                value?["stringValue"] as? String ?? value?["intValue"] as? String
        }
        return Span(
            trace: try #require(json["traceId"] as? String), id: try #require(json["spanId"] as? String),
            parent: json["parentSpanId"] as? String, name: try #require(json["name"] as? String),
            kind: try #require(json["kind"] as? Int), attributes: attributes)
    }
}

@Suite struct `A decision's trace` {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let caller = "b7ad6b7169203331"

    /// Everything between a caller and the broker, and a collector beside it.
    private struct Stage {
        let broker: Simulator
        let collector: SpanCollector
        let trading: Trading
        let runner: RunningRunner?
        let roles: RunningRoles
        let address: String
    }

    private func stage(byLean: Bool, tracing: Bool = true) async throws -> Stage {
        let (broker, collector) = (try Simulator("alpaca"), try SpanCollector())
        var trading = try Trading()
        let tokens = trading.program.ground.folder + "/tokens"
        try "anna operate,trade anna-token-01234567\n".write(toFile: tokens, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tokens)
        trading.program.environment.merge([
            "APCA_API_BASE_URL": broker.address(), "ENABLE_TRADE_UPDATES": "true",
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
            "TRADING_RECONCILE_ENABLED": "false", "TORGHUT_API_PORT": "0", "TORGHUT_API_TOKENS": tokens,
            "TORGHUT_DB_DSN": "host=\(trading.program.ground.folder) user=nobody dbname=none",
        ]) { $1 }
        if tracing {
            trading.program.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.address
            trading.program.environment["OTEL_BSP_SCHEDULE_DELAY"] = "200"
        }
        var runner: RunningRunner?
        if byLean {
            runner = try RunningRunner(trading.program, broker: broker.address())
            trading.program.environment.merge([
                "TRADING_LEAN_RUNNER_URL": runner?.address ?? "", "TRADING_EXECUTION_ADAPTER": "lean",
                "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false",
            ]) { $1 }
        }
        try await trading.program.prepared()
        try await trading.open()
        try #require(try await trading.enable().status == 0)
        let roles = try await RunningRoles(trading.program, "ingest,commands,router,api")
        var port = 0
        try await eventually("a listening API") {
            for line in try roles.text().split(separator: "\n") where line.contains("\"api_listening\"") {
                port = try fields(String(line))["port"] as? Int ?? 0
            }
            return port != 0
        }
        try await eventually("the stream") { try await broker.control("/_sim/streams")("updates", as: Int.self) == 1 }
        return Stage(
            broker: broker, collector: collector, trading: trading, runner: runner, roles: roles,
            address: "http://127.0.0.1:\(port)")
    }

    private func submit(_ stage: Stage, _ line: String) async throws {
        let arguments = [
            "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", RunningAPI.auth, "-H",
            "Content-Type: application/json", "-H", "traceparent: 00-\(Self.trace)-\(Self.caller)-01", "-H",
            "tracestate: vendor=1", "-d", line, stage.address + "/trading/decisions",
        ]
        let verdict = try await aside { try Judge.run("curl", arguments) }
        try #require(verdict.output == "202", "\(verdict.output)\(verdict.errors)")
    }

    private func brokersHeader(_ stage: Stage) async throws -> String {
        var header = ""
        try await eventually("the order at the broker") {
            let log = try await stage.broker.control("/_sim/log?kind=submit").decoded(as: BrokerLog.self)
            header = log.entries.first?.traceparent ?? ""
            return !header.isEmpty
        }
        return header
    }

    private struct BrokerLog: Decodable {
        struct Entry: Decodable { let traceparent: String? }
        let entries: [Entry]
    }

    @Test(arguments: [false, true])
    func `is one tree, from its caller's request to the broker and back`(byLean: Bool) async throws {
        let stage = try await stage(byLean: byLean)
        try await submit(stage, Trading.line(0))
        let header = try await brokersHeader(stage)
        try await eventually("the fill") {
            let read = try await stage.trading.program.run(
                "log", "read", "--topic", TopicCatalog.orderEvents.name, "--values")
            return read.text.contains("\"status\":\"filled\"")
        }
        #expect(try await stage.roles.stop() == 0)
        if let runner = stage.runner {
            kill(runner.process.processIdentifier, SIGTERM)
            _ = try await runner.process.finish()
        }
        let spans = try stage.collector.spans().filter { $0.trace == Self.trace }
        let ids = spans.map(\.id)
        #expect(Set(ids).count == ids.count, "a span was told twice")
        for span in spans {
            let parent = try #require(span.parent, "\(span.name) has no parent")
            #expect(parent == Self.caller || ids.contains(parent), "\(span.name) hangs below nothing")
        }
        #expect(spans.count { $0.parent == Self.caller } == 1)
        var names = [
            "POST /trading/decisions", "send torghut.decisions.v1", "process torghut.decisions.v1",
            "send torghut.order-intents.v1", "process torghut.order-intents.v1", "send torghut.route.v1",
            "send torghut.order-events.v1", byLean ? "lean submit_order" : "alpaca submit_order",
        ]
        if byLean { names.append("POST submit_order") }
        for name in names {
            #expect(spans.contains { $0.name == name }, "\(name) in \(Set(spans.map(\.name)).sorted())")
        }
        // What the broker was shown is the span of whoever asked it.
        let asked = try #require(spans.first { $0.name == (byLean ? "POST submit_order" : "alpaca submit_order") })
        #expect(header == "00-\(Self.trace)-\(asked.id)-01")
        let sent = try #require(spans.first { $0.name == "send torghut.decisions.v1" })
        #expect(sent.kind == 4 && sent.attributes["messaging.operation.type"] == "send", "\(sent)")
        #expect(sent.attributes["messaging.system"] == "torghut_journal")
        #expect(sent.attributes["messaging.destination.name"] == "torghut.decisions.v1")
        #expect(sent.attributes["messaging.kafka.offset"] == "0" && sent.attributes["messaging.message.id"] != nil)
        await stage.collector.server.stop()
    }

    /// Ids and bytes follow from the request, not from whether somebody watches.
    @Test func `lies on the log whether or not anybody exports it`() async throws {
        let stage = try await stage(byLean: false, tracing: false)
        let decision = Trading.line(0)
        try await submit(stage, decision)
        #expect(try await brokersHeader(stage).hasPrefix("00-\(Self.trace)-"))
        let read = try await stage.trading.program.run("log", "read", "--topic", TopicCatalog.decisions.name)
        let story = "0af76519-16cd-43dd-8448-eb211c80319c"
        #expect(read.text.contains(story), "\(read.text)")
        #expect(read.text.contains("tracestate"), "\(read.text)")
        // The same decision in another trace is the same decision.
        try await submit(stage, decision)
        let again = try await stage.trading.program.run("log", "read", "--topic", TopicCatalog.decisions.name)
        #expect(again.lines.count == 1)
        #expect(try stage.collector.spans().isEmpty)
        // Its database is none, and its metrics are there all the same.
        for address in [stage.roles.address, stage.address] {
            let scrape = try await aside { try Judge.run("curl", ["-sS", "-f", address + "/metrics"]) }
            #expect(scrape.status == 0 && scrape.output.contains("torghut_journal_fsyncs_total "), "\(address)")
        }
        #expect(try await stage.roles.stop() == 0)
        await stage.collector.server.stop()
    }
}
