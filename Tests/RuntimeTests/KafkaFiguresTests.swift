import Core
import Domain
import Telemetry
import Testing

@testable import Runtime

@Suite struct `What librdkafka reports` {
    private static func report(_ sent: Int, _ received: Int, queued: Int = 0, state: String = "UP") -> String {
        """
        {"name":"rdkafka#producer-1","type":"producer","msg_cnt":\(queued),"msg_size":\(queued * 10),"tx":\(sent * 2),
         "rx":\(sent * 2),"txmsgs":\(sent),"txmsg_bytes":\(sent * 100),"rxmsgs":\(received),"rxmsg_bytes":0,
         "brokers":{"b:1/1":{"state":"\(state)","rtt":{"avg":1500,"p99":20000}},"b:2/2":{"state":"ODD"}}}
        """
    }

    @Test func `is counted once per handle, and gauges are of those that live`() throws {
        let registry = Registry()
        let metrics = LogMetrics(in: registry)
        var handles = KafkaHandles()
        handles.take(try #require(KafkaReport(Self.report(5, 1, queued: 3))), of: "a", metrics)
        handles.take(try #require(KafkaReport(Self.report(7, 1, queued: 1, state: "DOWN"))), of: "a", metrics)
        handles.take(try #require(KafkaReport(Self.report(2, 0, queued: 4))), of: "b", metrics)
        let text = registry.render()
        for line in [
            #"torghut_kafka_messages_total{type="producer",direction="sent"} 9"#,
            #"torghut_kafka_message_bytes_total{type="producer",direction="sent"} 900"#,
            #"torghut_kafka_requests_total{type="producer",direction="sent"} 18"#,
            #"torghut_kafka_handles{type="producer"} 2"#, #"torghut_kafka_queued_messages{type="producer"} 5"#,
            #"torghut_kafka_broker_connections{state="DOWN"} 1"#, #"torghut_kafka_broker_connections{state="OTHER"} 2"#,
            #"torghut_kafka_broker_connections{state="UP"} 1"#,
            #"torghut_kafka_broker_rtt_seconds{statistic="p99"} 0.02"#,
        ] { #expect(text.contains(line + "\n"), "\(line)") }
    }

    /// A machine that stood still, or a library that was busy: the handle is the same one afterwards.
    @Test func `is not counted again after a silence, in which its gauges say nothing`() throws {
        let registry = Registry()
        let metrics = LogMetrics(in: registry)
        var handles = KafkaHandles()
        let start = ContinuousClock.now
        handles.take(try #require(KafkaReport(Self.report(5, 1, queued: 3))), of: "a", metrics, at: start)
        let later = start + KafkaHandles.silence * 3
        handles.take(try #require(KafkaReport(Self.report(2, 0, queued: 4))), of: "b", metrics, at: later)
        #expect(registry.render().contains("torghut_kafka_queued_messages{type=\"producer\"} 4\n"))
        handles.take(try #require(KafkaReport(Self.report(6, 1, queued: 1))), of: "a", metrics, at: later)
        let text = registry.render()
        #expect(text.contains("torghut_kafka_messages_total{type=\"producer\",direction=\"sent\"} 8\n"), "\(text)")
        #expect(text.contains("torghut_kafka_handles{type=\"producer\"} 2\n"))
    }

    @Test func `of very many handles is remembered of the latest ones`() throws {
        let metrics = LogMetrics(in: Registry())
        var handles = KafkaHandles()
        let report = try #require(KafkaReport(Self.report(1, 1)))
        for number in 0...KafkaHandles.maximumHandles { handles.take(report, of: "\(number)", metrics) }
        #expect(handles.count == KafkaHandles.maximumHandles)
    }

    @Test(arguments: ["", "{}", "[]", "{\"type\":1}"])
    func `is refused where it is none`(text: String) { #expect(KafkaReport(text) == nil) }
}

@Suite struct `A role that fails` {
    @Test func `is counted by cause, and again where it fails the same way without getting on`() {
        let registry = Registry()
        let metrics = RoleMetrics(in: registry)
        for _ in 0..<3 { metrics.failed(.router, "log_unavailable") }
        metrics.failed(.router, "log_timed_out")
        metrics.failed(.gates, "log_timed_out")
        metrics.progressed(.router, at: .earliest)
        metrics.failed(.router, "log_timed_out")
        let text = registry.render()
        for line in [
            #"torghut_role_failures_total{role="router",cause="log_unavailable"} 3"#,
            #"torghut_role_failures_repeated_total{role="router",cause="log_unavailable"} 2"#,
            #"torghut_role_failures_total{role="router",cause="log_timed_out"} 2"#,
            #"torghut_role_failures_total{role="gates",cause="log_timed_out"} 1"#,
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains(#"repeated_total{role="router",cause="log_timed_out"}"#))
    }
}
