import Core
import Domain
import Testing

@Suite struct `Words and names found by their bytes` {
    private func check<Value: Word>(_ type: Value.Type) throws {
        for value in type.allCases {
            let word = Array(value.rawValue.utf8)
            #expect(unsafe try Value.read(word.span.bytes) == value)
            for index in word.indices {
                var other = word
                other[index] ^= 0x20
                let text = String(decoding: other, as: UTF8.self)
                #expect(unsafe Value.words.value(other.span.bytes) == Value(rawValue: text), "\(text)")
            }
            for other in [word.dropLast(), word + [0x78], word + [0]] where Value(rawValue: text(other)) == nil {
                #expect(unsafe Value.words.value(Array(other).span.bytes) == nil)
            }
        }
        #expect(unsafe Value.words.value([UInt8]().span.bytes) == nil)
    }

    private func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

    @Test func `each word is found, and no other text is taken for one`() throws {
        try check(ReasonCode.self)
        try check(LaneFailure.self)
        try check(ExecutionRoute.self)
        try check(Side.self)
        try check(ParityStatus.self)
        try check(TimeInForce.self)
    }

    @Test func `each type is found by its name, and no other name is taken for one`() {
        for type in EventType.allCases {
            #expect(EventType.named(type.name) == type)
            var other = Array(type.name.utf8)
            for index in other.indices {
                other[index] ^= 1
                #expect(EventType.named(text(other)) != type)
                other[index] ^= 1
            }
        }
    }

    @Test func `remembered names are the names that were read, whatever was read before`() throws {
        let known = KnownNames()
        let names = KnownNames.Lent(known)
        // Many more names than places, of every length up to the limit and beyond, twice over.
        for number in Array(0..<4000) + Array(0..<4000) {
            let name = String((String(number) + String(repeating: "-", count: number % 40)).prefix(40)) + "\(number)"
            let read = unsafe try Label.read(Array(name.utf8).span.bytes, recalling: names)
            #expect(read.text == name)
            let again = unsafe try Label.read(Array(name.utf8).span.bytes, recalling: names)
            #expect(again.text == name)
        }
    }

    @Test func `names that differ by one byte anywhere are never taken for one another`() throws {
        let known = KnownNames()
        let names = KnownNames.Lent(known)
        for length in 1...KnownNames.maximumBytes + 2 {
            let plain = [UInt8](repeating: 0x61, count: length)
            for index in 0..<length {
                var other = plain
                other[index] = 0x62
                #expect(unsafe try Label.read(plain.span.bytes, recalling: names).text == text(plain))
                #expect(unsafe try Label.read(other.span.bytes, recalling: names).text == text(other))
            }
        }
    }

    @Test func `a refused name is refused again, also beside remembered ones`() throws {
        let known = KnownNames()
        let names = KnownNames.Lent(known)
        _ = unsafe try Symbol.read(Array("AAPL".utf8).span.bytes, recalling: names)
        for bad in ["", "AA\u{7}L", "AAPL\n"] {
            for _ in 0..<2 {
                #expect(throws: FieldFault.self) {
                    unsafe try Symbol.read(Array(bad.utf8).span.bytes, recalling: names)
                }
            }
        }
    }

    @Test func `a moment has each digit of its second`() throws {
        for digits in 1...9 {
            for fraction in ["123456789", "000000001", "999999999", "100000000", "010203040"] {
                let text = "2026-02-12T06:35:00.\(fraction.prefix(digits))Z"
                let whole = String(fraction.prefix(digits)) + String(repeating: "0", count: 9 - digits)
                let read = unsafe try Timestamp.read(Array(text.utf8).span.bytes)
                #expect(read.nanoseconds % 1_000_000_000 == Int64(whole), "\(text)")
            }
            for index in 20..<20 + digits {
                for bad: UInt8 in [0x2F, 0x3A, 0x80, 0xB0, 0x00, 0x20] {
                    var text = Array("2026-02-12T06:35:00.\(String(repeating: "1", count: digits))Z".utf8)
                    text[index] = bad
                    #expect(throws: FieldFault.self) { unsafe try Timestamp.read(text.span.bytes) }
                }
            }
        }
    }
}
