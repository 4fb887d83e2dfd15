import Core
import TestSupport
import Testing

@Suite struct `Identifiers` {
    @Test(
        arguments: [
            ("", .empty), ("A\nB", .controlCharacter), ("\0", .controlCharacter), ("A\u{7F}", .controlCharacter),
            ("A\u{85}", .controlCharacter), (String(repeating: "A", count: 65), .tooLong(allowed: 64, actual: 65)),
            (String(repeating: "é", count: 33), .tooLong(allowed: 64, actual: 66)),
        ] as [(String, IdentifierFault.Reason)])
    func `a text that cannot be a name is refused with the reason`(text: String, reason: IdentifierFault.Reason) {
        let refusal = #expect(throws: IdentifierFault.self) { try Symbol(text) }
        #expect(refusal?.reason == reason)
        #expect(refusal?.kind == "symbol")
    }

    @Test func `the longest name is taken, and one byte more is not`() throws {
        func check<Kind>(_ kind: Identifier<Kind>.Type) throws {
            let longest = String(repeating: "x", count: Kind.maximumBytes)
            #expect(try kind.init(longest).text == longest)
            #expect(throws: IdentifierFault.self) { try kind.init(longest + "x") }
        }
        try check(AccountLabel.self)
        try check(Symbol.self)
        try check(StrategyID.self)
        try check(ClientOrderID.self)
        try check(CorrelationID.self)
    }

    @Test func `names are equal when their bytes are, not when they look alike`() throws {
        let (composed, decomposed) = (try StrategyID("caf\u{E9}"), try StrategyID("cafe\u{301}"))
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(composed == (try StrategyID("caf\u{E9}")))
    }

    @Test func `any name read from bytes has these bytes, and what is not UTF-8 is refused`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: seed % 2 == 0 ? 0x20...0x7E : 0...0xFF, using: &generator)
            }
            guard let name = try? unsafe Symbol(utf8: bytes.span.bytes) else {
                #expect(
                    bytes.isEmpty || bytes.count > 64 || seed % 2 == 1, "seed \(seed): a plain name was refused")
                continue
            }
            #expect(Array(name.text.utf8) == bytes, "seed \(seed)")
        }
        let refusal = #expect(throws: IdentifierFault.self) { try unsafe Symbol(utf8: [0x41, 0xFF].span.bytes) }
        #expect(refusal?.reason == .notUTF8)
    }
}
