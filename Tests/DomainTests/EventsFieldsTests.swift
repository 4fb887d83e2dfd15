import Core
import Domain
import Testing

@Suite struct `Texts of fields` {
    private func read<Value: FieldText>(_ text: String, as type: Value.Type = Value.self) -> Value? {
        try? unsafe Value.read(text.utf8.span.bytes)
    }

    private func text(_ value: some FieldText) -> String {
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The short way and Core's way must not differ in anything.
    @Test(arguments: [
        "0", "-0", "1", "-1", "1.5", "1.50", "0.000000001", "-0.000000001", "123456789012345678", "00012", "+1", "1.",
        ".5", "-", "", "1e5", "NaN", "1.0000000001", "12345678.123456789", "170141183460469231731687303715.884105727",
        "9223372036.854775807", "-9223372036.854775808", "9223372036854775807", "1 ", " 1", "1.1.1", "--1",
    ])
    func `that are amounts mean what Core says`(text: String) {
        #expect(read(text, as: Amount.self) == (try? Amount(text)))
        if let amount = try? Amount(text) { #expect(self.text(amount) == amount.description) }
    }

    @Test(arguments: [
        "2026-02-12T06:35:00Z", "2026-02-12T06:35:00.1Z", "2026-02-12T06:35:00.123456789Z", "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2026-02-12T06:35:00",
        "2026-02-12T06:35:00.Z", "2026-02-12T24:35:00Z", "2026-12-31T23:59:60Z", "2026-01-31T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-02-12T06:35:00+02:00", "2026-13-12T06:35:00Z", "2026-00-12T06:35:00Z",
        "2026-02-00T06:35:00Z", "2261-12-31T23:59:59.999999999Z", "2262-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
        "2026-02-12T06:35:00.0000000001Z", "2026-02-12t06:35:00z", "2026-02-12 06:35:00Z", "2026-02-12T06:60:00Z",
        "2026:02-12T06:35:00Z", "2026-02-12T06:35;00Z", "202/-02-12T06:35:00Z", "2026-02-12T06:3:000Z",
    ])
    func `that are moments mean what Core says`(text: String) {
        #expect(read(text, as: Timestamp.self) == (try? Timestamp(text)))
    }

    @Test func `that are moments are written as Core writes them`() {
        for nanoseconds in stride(from: Int64.min, through: .max - (1 << 49), by: 1 << 49) {
            for offset in [0, 1, 999_999_999, 86_399_000_000_000] as [Int64] {
                let moment = Timestamp(nanoseconds: nanoseconds + offset)
                #expect(text(moment) == moment.description)
                #expect(read(text(moment)) == moment)
            }
        }
    }

    @Test func `that are identities are read in either case and written in one`() {
        let id = EventID(high: 0x0123_4567_89AB_8DEF, low: 0xFEDC_BA98_7654_3210)
        #expect(text(id) == "01234567-89ab-8def-fedc-ba9876543210")
        #expect(read("01234567-89AB-8DEF-fedc-BA9876543210") == id)
        for wrong in [
            "0123456789ab8deffedcba9876543210", "01234567-89ab-8def-fedc-ba987654321",
            "g1234567-89ab-8def-fedc-ba9876543210",
        ] {
            #expect(read(wrong, as: EventID.self) == nil)
        }
        let hash = ContentHash((1, 0xFFFF_FFFF_FFFF_FFFF, 0xA, 0))
        #expect(read(text(hash)) == hash)
        #expect(read(text(hash).uppercased()) == hash)
        // Every byte that is no digit is found, wherever it stands.
        for byte in UInt8.min...UInt8.max where !"0123456789abcdefABCDEF".utf8.contains(byte) {
            for place in [0, 7, 8, 63] {
                var bytes = Array(text(hash).utf8)
                bytes[place] = byte
                #expect(throws: FieldFault.self) { try unsafe ContentHash.read(bytes.span.bytes) }
            }
        }
    }

    @Test(arguments: [
        "global", "lane:execution", "adapter:lean", "symbol:BTC/USD", "intent:01234567-89ab-8def-fedc-ba9876543210",
        "strategy:macd:rsi", "record:torghut.route.v1/3/1729",
    ])
    func `that are scopes come back`(text: String) {
        #expect(read(text, as: Scope.self).map { self.text($0) } == text)
    }

    @Test(arguments: ["", "Global", "lane:", "lane:nowhere", "symbol:", "planet:earth", "record:a/b", "global:x"])
    func `that are no scopes are refused`(text: String) { #expect(read(text, as: Scope.self) == nil) }

    @Test(arguments: ["", "a", "ab", "abc", "abcd", "\u{0}\u{FF}"])
    func `that are base64 come back`(content: String) throws {
        let octets = try Octets(Array(content.utf8))
        #expect(read(text(octets)) == octets)
        #expect(text(octets).utf8.count % 4 == 0)
    }
}
