import Core
import Domain
import TestSupport
import Testing
import Wire

@Suite struct `Headers of an event` {
    private func event() -> Event {
        var generator = ValueGenerator(seed: 5)
        return generator.event(.route(.attemptPrepared))
    }

    @Test func `are the CloudEvents binding and the trace context`() throws {
        var event = event()
        event.envelope.eventID = EventID(high: 0x0123_4567_89AB_8DEF, low: 1)
        event.envelope.eventTime = try Timestamp("2026-02-12T06:35:00.5Z")
        event.envelope.source = try SourceName("router ü")
        event.envelope.correlation = StoryID(high: 0xAB, low: 2)
        let headers = EventHeaders.of(event).map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
        #expect(
            headers.map(\.0) == [
                "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "traceparent",
            ])
        #expect(
            headers.map(\.1) == [
                "1.0", "01234567-89ab-8def-0000-000000000001", "route.attempt_prepared", "/torghut/router%20%C3%BC",
                "2026-02-12T06:35:00.5Z", "application/json",
                "00-00000000000000ab0000000000000002-0123456789ab8def-01",
            ])
    }

    @Test func `are read again, whatever else is there`() throws {
        let event = event()
        let headers = try EventHeaders(reading: [Header("x", nil)] + EventHeaders.of(event) + [Header("x", [0xFF])])
        #expect(headers.id == event.envelope.eventID)
        #expect(headers.type == "route.attempt_prepared")
        #expect(headers.time == event.envelope.eventTime)
        #expect(headers.story == event.envelope.correlation)
    }

    @Test(arguments: ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time"])
    func `are refused without a required one, with it twice, or wrong`(name: String) throws {
        let headers = EventHeaders.of(event())
        #expect(throws: EventHeaders.Fault.missing(name)) {
            try EventHeaders(reading: headers.filter { $0.name != name })
        }
        #expect(throws: EventHeaders.Fault.repeated(name)) {
            try EventHeaders(reading: headers + headers.filter { $0.name == name })
        }
        #expect(throws: EventHeaders.Fault.self) {
            try EventHeaders(reading: headers.filter { $0.name != name } + [Header(name, [0xFF])])
        }
    }

    @Test(arguments: [
        "", "00", "00-x", "00-00000000000000000000000000000000-0123456789abcdef-01",
        "00-0123456789abcdef0123456789abcdef-0000000000000000-01",
        "ff-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "00-0123456789ABCDEF0123456789abcdef-0123456789abcdef-01",
        "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01-x",
        "00-0123456789abcdef0123456789abcde-0123456789abcdef-01",
    ])
    func `name no story when the trace breaks the standard`(trace: String) {
        #expect(TraceParent.story(of: trace) == nil)
    }

    @Test func `name the story of a later version of the standard too`() {
        let trace = "01-0123456789abcdef0123456789abcdef-0123456789abcdef-01-more"
        #expect(TraceParent.story(of: trace) == StoryID(high: 0x0123_4567_89AB_CDEF, low: 0x0123_4567_89AB_CDEF))
    }

    @Test(arguments: EventFamily.allCases)
    func `go with a record of the family's topic under its key`(family: EventFamily) throws {
        var encoder = EventEncoder()
        var generator = ValueGenerator(seed: 8)
        generator.alwaysPresent = true
        for type in family.types {
            let event = generator.event(type)
            let record = encoder.record(event)
            #expect(record.topic == family.topic.name)
            let key = String(decoding: try #require(record.key), as: UTF8.self)
            switch family.topic.key {
            case .symbol: #expect(key == event.envelope.symbol?.text)
            case .accountLabel: #expect(key == event.envelope.account?.text)
            case .canary: #expect(key == "canary")
            case .scope: #expect(try unsafe Scope.read(key.utf8.span.bytes).description == key)
            case .processAndRole: #expect(key.contains("/"))
            case .strategy, .backtest, .source: #expect(!key.isEmpty)
            }
        }
    }
}
