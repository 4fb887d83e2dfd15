import Core
import Foundation
import Synchronization
import Testing

@testable import Telemetry

@Suite struct `Spans of what was done` {
    private static let trace = TraceContext.Trace(high: 1, low: 2)

    private static func span(_ number: UInt64, _ name: String = "work") -> Span {
        Span(
            TraceContext(trace, TraceContext.Span(number)), parent: nil, name, .internal,
            from: Timestamp(nanoseconds: 5), to: Timestamp(nanoseconds: 7))
    }

    @Test func `costs nothing when it is off: a span is not even made`() {
        #expect(!Tracing.off.isOn && !Tracing.off.records(Self.trace))
        Tracing.off.record(Self.trace) {
            Issue.record("a span was made")
            return Self.span(1)
        }
        #expect(Tracing.off.take(upTo: 10).isEmpty)
    }

    @Test func `never waits: what finds no room is counted and dropped`() {
        let registry = Registry()
        let woken = Mutex(0)
        let tracing = Tracing(in: registry, maximumWaiting: 3, wakeAt: 2) { woken.withLock { $0 += 1 } }
        for number in 1...5 as ClosedRange<UInt64> { tracing.record(Self.trace) { Self.span(number) } }
        #expect(woken.withLock { $0 } == 1)
        let text = registry.render()
        #expect(text.contains("torghut_trace_spans_total{fate=\"no_room\"} 2\n"))
        #expect(text.contains("torghut_trace_spans_waiting 3\n"))
        #expect(tracing.take(upTo: 2).map(\.context.span.number) == [1, 2])
        #expect(tracing.take(upTo: 2).map(\.context.span.number) == [3])
        #expect(registry.render().contains("torghut_trace_spans_waiting 0\n"))
    }

    @Test func `records the same share of traces in every process`() {
        let one = Tracing(in: Registry(), share: 0.25) {}
        let other = Tracing(in: Registry(), share: 0.25) {}
        let traces = (0..<4_000).map { _ in Tracing.anyTrace() }
        let recorded = traces.filter(one.records)
        #expect(recorded == traces.filter(other.records))
        #expect((800...1_200).contains(recorded.count), "\(recorded.count)")
        #expect(traces.allSatisfy(Tracing(in: Registry(), share: 1) {}.records))
        #expect(!traces.contains(where: Tracing(in: Registry(), share: 0) {}.records))
    }

    @Test func `remembers the state of a bounded number of traces`() {
        let tracing = Tracing(in: Registry()) {}
        for number in 1...10_000 as ClosedRange<UInt64> {
            tracing.remember("a=\(number)", of: TraceContext.Trace(high: 9, low: number))
        }
        #expect(tracing.state(of: TraceContext.Trace(high: 9, low: 10_000)) == "a=10000")
        #expect(tracing.state(of: TraceContext.Trace(high: 9, low: 1)) == nil)
    }

    @Test func `writes spans as the collectors' JSON, whatever their texts hold`() throws {
        var span = Self.span(3, "a \"name\"\n\u{0} é")
        span.attributes = [("k\"", .text("\\")), ("n", .integer(.max))]
        span.failure = "no\tanswer"
        span.state = "v=1"
        span.links = [TraceContext(TraceContext.Trace(high: 7, low: 8), TraceContext.Span(9))]
        let bytes = SpanText.request([span, Self.span(4)], resource: [("service.name", "t")])
        let root = try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let resource = try #require((root["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        let spans = try #require(scope["spans"] as? [[String: Any]])
        #expect(spans.count == 2)
        #expect(spans[0]["name"] as? String == "a \"name\"\n\u{0} é")
        #expect(spans[0]["traceId"] as? String == "00000000000000010000000000000002")
        #expect(spans[0]["spanId"] as? String == "0000000000000003" && spans[0]["parentSpanId"] == nil)
        #expect(spans[0]["startTimeUnixNano"] as? String == "5" && spans[0]["endTimeUnixNano"] as? String == "7")
        #expect((spans[0]["status"] as? [String: Any])?["code"] as? Int == 2)
        #expect((spans[0]["links"] as? [[String: Any]])?.first?["spanId"] as? String == "0000000000000009")
        let attributes = try #require(spans[0]["attributes"] as? [[String: Any]])
        #expect((attributes[1]["value"] as? [String: Any])?["intValue"] as? String == "\(Int64.max)")
    }
}

@Suite struct `A trace's context` {
    @Test(arguments: [
        "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func `is none where the header breaks the standard`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func `is written as it was read`() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceContext(traceparent: text)?.traceparent == text)
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more"
        #expect(TraceContext(traceparent: later)?.traceparent == text)
        #expect(TraceContext.Span(0).number == 1 && TraceContext.Trace(high: 0, low: 0).low == 1)
    }
}
