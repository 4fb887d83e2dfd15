import TestSupport
import Testing

@testable import Core

@Suite struct `Amounts as text` {
    @Test(arguments: [
        ("1", "1"), ("1.0", "1"), ("1.00", "1"), ("+1", "1"), ("01", "1"), ("-0", "0"), ("-0.000", "0"), ("0", "0"),
        ("0.10", "0.1"), ("-1.5", "-1.5"), ("0.000000001", "0.000000001"), ("-0.00000001", "-0.00000001"),
        ("1000000000000", "1000000000000"), ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("1.0000000010000000", "1.000000001"), ("5.000000000000000000000000000000", "5"),
        ("170141183460469231731687303715.884105727", "170141183460469231731687303715.884105727"),
        ("-170141183460469231731687303715.884105728", "-170141183460469231731687303715.884105728"),
    ])
    func `many spellings are read and one is written`(spelling: String, canonical: String) throws {
        let amount = try Amount(spelling)
        #expect(amount.description == canonical)
        #expect(try Amount(canonical) == amount)
    }

    @Test func `equal values are equal, hash alike and print alike`() throws {
        let spellings = try ["1", "1.0", "1.00", "+1.000000000", "0001"].map { try Amount($0) }
        #expect(Set(spellings) == [.one])
        #expect(Set(spellings.map(\.description)) == ["1"])
    }

    @Test(
        arguments: [
            ("", .empty), ("-", .missingDigits(at: 1)), ("+", .missingDigits(at: 1)), (".", .missingDigits(at: 0)),
            (".5", .missingDigits(at: 0)), ("5.", .missingDigits(at: 2)), ("-.5", .missingDigits(at: 1)),
            ("1e5", .exponent(at: 1)), ("1.5E-3", .exponent(at: 3)), ("e5", .unexpectedByte(0x65, at: 0)),
            ("NaN", .notANumber), ("-nan", .notANumber), ("sNaN", .notANumber), ("Infinity", .infinite),
            ("-inf", .infinite), ("+INF", .infinite), (" 1", .unexpectedByte(0x20, at: 0)),
            ("1 ", .unexpectedByte(0x20, at: 1)), ("1\n", .unexpectedByte(0x0A, at: 1)),
            ("1,000", .unexpectedByte(0x2C, at: 1)), ("1_000", .unexpectedByte(0x5F, at: 1)),
            ("--1", .unexpectedByte(0x2D, at: 1)), ("1.2.3", .unexpectedByte(0x2E, at: 3)),
            ("0x10", .unexpectedByte(0x78, at: 1)), ("١", .unexpectedByte(0xD9, at: 0)),
            ("\0", .unexpectedByte(0, at: 0)), ("0.0000000001", .tooPrecise(allowed: 9, actual: 10)),
            ("1.00000000000100", .tooPrecise(allowed: 9, actual: 12)),
            ("170141183460469231731687303715.884105728", .overflow),
            ("-170141183460469231731687303715.884105729", .overflow),
            (String(repeating: "9", count: 128), .overflow),
            (String(repeating: "0", count: 129), .tooLong(allowed: 128, actual: 129)),
        ] as [(String, Amount.TextFault)])
    func `a text that is no amount is refused with the reason`(text: String, fault: Amount.TextFault) {
        #expect(throws: fault) { () throws(Amount.TextFault) in try Amount(text) }
    }

    @Test func `the longest text that is allowed is read`() throws {
        #expect(try Amount(String(repeating: "0", count: Amount.maximumTextBytes - 1) + "7") == 7)
    }

    @Test func `any amount survives its own text, also inside a larger buffer`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let amount = anyAmount(&generator)
            var buffer = Array("{\"qty\":\"".utf8)
            let start = buffer.count
            amount.write(to: &buffer)
            let end = buffer.count
            buffer += Array("9\"}".utf8)
            let text = unsafe buffer.span.bytes.extracting(start..<end)
            #expect(try Amount(utf8: text) == amount, "seed \(seed)")
            #expect(try Amount(amount.description) == amount, "seed \(seed)")
        }
    }

    @Test func `no bytes at all make the reader trap`() throws {
        let likely = Array("0123456789.+-eEnNiIfFaA \0\u{7F}".utf8) + [0x80, 0xFF]
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            for _ in 0..<20 {
                let length = Int.random(in: 0...50, using: &generator)
                let bytes = (0..<length).map { _ in likely[Int.random(in: 0..<likely.count, using: &generator)] }
                guard let amount = try? unsafe Amount(utf8: bytes.span.bytes) else { continue }
                #expect(try Amount(amount.description) == amount, "seed \(seed): \(bytes)")
            }
        }
    }
}

/// Amounts of every width, so that edges of words and of the range come up often.
func anyAmount(_ generator: inout SplitMix64) -> Amount {
    let bits = Int128.random(in: .min ... .max, using: &generator)
    let amount = bits >> Int128.random(in: 0...127, using: &generator)
    // Every other one is round, as real quantities are.
    return Bool.random(using: &generator) ? Amount(units: amount) : Amount(units: amount / 10_000_000 * 10_000_000)
}

@Suite struct `Digits in a buffer` {
    @Test func `are those of any number, with zeros in front up to the width`() {
        for number in [0, 9, 10, 99, 100, 9_999_999_999_999_999_999, 10_000_000_000_000_000_000, .max] as [UInt64] {
            for width in [1, 2, 9, 20] {
                var text = Array("x".utf8)
                text.append(decimal: number, width: width)
                let digits = "\(number)"
                let zeros = String(repeating: "0", count: max(0, width - digits.count))
                #expect(String(decoding: text, as: UTF8.self) == "x" + zeros + digits)
            }
        }
    }
}
