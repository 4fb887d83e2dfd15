import Domain
import JSON
import TestSupport
import Testing
import Wire

@Suite struct `Hostile bytes` {
    private func sample() throws -> (Event, String) {
        var generator = ValueGenerator(seed: 3)
        generator.alwaysPresent = true
        let event = generator.event(.decisions(.decisionRecorded))
        var encoder = EventEncoder()
        return (event, String(decoding: encoder.encode(event), as: UTF8.self))
    }

    private func refusal(_ bytes: [UInt8]) throws -> WireError? {
        var decoder = EventDecoder()
        return #expect(throws: WireError.self) { try decoder.decode(bytes) }
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
        ] as [[UInt8]])
    func `that are not UTF-8 are refused`(wrong: [UInt8]) throws {
        let (_, text) = try sample()
        var bytes = Array(text.utf8)
        bytes.insert(contentsOf: wrong, at: bytes.count / 2)
        guard case .malformed = try refusal(bytes)?.reason else {
            Issue.record("expected to be malformed")
            return
        }
    }

    @Test func `nested deeper than the limit are refused`() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let error = try refusal(Array(#"{"event_type":"decision.recorded","payload":\#(deep)}"#.utf8))
        #expect(error?.reason == .malformed(.limitExceeded(name: "maximumDepth", allowed: 64, actual: 65)))
    }

    @Test(arguments: ["strategy_id", "qty", "decision_hash", "timeframe", "order_type"])
    func `with a text of ten megabytes are refused, and name the field`(field: String) throws {
        let path = "decisions/hash-vector.json"
        let text = String(decoding: try #require(Samples.events.first { $0.path == path }).bytes, as: UTF8.self)
        let start = try #require(text.range(of: "\"\(field)\":\"")).upperBound
        let end = try #require(text[start...].firstIndex(of: "\""))
        let bytes = Array(text[..<start].utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        let error = try refusal(bytes + Array(text[end...].utf8))
        #expect(error?.path == "$.payload.\(field)")
        #expect(error?.eventType == "decision.recorded")
        #expect((error?.description.utf8.count ?? 0) < 1_000)
    }

    @Test func `with an opaque value beyond its limit are refused`() throws {
        let text = #"{"x":"\#(String(repeating: "x", count: CompactJSON.maximumBytes))"}"#
        let error = #expect(throws: WireError.self) { try CompactJSON(parsing: Array(text.utf8)) }
        #expect(error?.reason == .tooLarge(allowed: CompactJSON.maximumBytes, actual: text.utf8.count))
    }

    @Test(arguments: [
        "NaN", "Infinity", "-Infinity", "1e400", "01", "18446744073709551616", "-9223372036854775809", "+1", ".5",
    ])
    func `with a number that is none are refused`(number: String) throws {
        let (_, text) = try sample()
        let seq = try #require(text.range(of: #""seq":"#))
        let end = try #require(text[seq.upperBound...].firstIndex(of: ","))
        guard case .malformed = try refusal(Array((text[..<seq.upperBound] + number + text[end...]).utf8))?.reason
        else {
            Issue.record("\(number) was let through")
            return
        }
    }

    @Test(arguments: ["", "null", "7", #""text""#, "[]", "[{}]", "{}"])
    func `that are no object with our fields are refused`(text: String) throws {
        let error = try refusal(Array(text.utf8))
        #expect(error?.eventType == nil)
        #expect(error?.path.hasPrefix("$") == true)
    }

    @Test func `in another order and with fields nobody knows are read`() throws {
        var decoder = EventDecoder()
        let (event, text) = try sample()
        let moved = #"{"new":{"event_id":1},"# + text.dropFirst().dropLast() + #","last":[]}"#
        #expect(try decoder.decode(Array(moved.utf8)) == .event(event))
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? { ranges(of: part).first }
}
