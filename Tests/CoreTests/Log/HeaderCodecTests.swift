import Core
import TestSupport
import Testing

@Suite struct `Headers in a block` {
    @Test func `come back as they went in, in order, with empty, null and repeated ones`() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let headers = anyHeaders(&generator)
            var block: [UInt8] = [1, 2, 3]
            Header.encode(headers, into: &block)
            #expect(Header.decode(block[3...]) == headers, "seed \(seed)")
            #expect(Header.encodedBytes(headers) == block.count - 3, "seed \(seed)")
        }
    }

    @Test func `null and empty are not the same`() {
        var block: [UInt8] = []
        Header.encode([Header("a", nil), Header("a", [])], into: &block)
        #expect(block == [1, 0, 97, 255, 255, 255, 255, 1, 0, 97, 0, 0, 0, 0])
        #expect(Header.decode(block[...]) == [Header("a", nil), Header("a", [])])
    }

    @Test func `the longest name is taken`() {
        let header = Header(String(repeating: "n", count: Header.maximumNameBytes), [1])
        var block: [UInt8] = []
        Header.encode([header], into: &block)
        #expect(Header.decode(block[...]) == [header])
    }

    @Test func `a longer name is our bug`() async {
        await #expect(processExitsWith: .failure) {
            var block: [UInt8] = []
            Header.encode([Header(String(repeating: "n", count: Header.maximumNameBytes + 1), nil)], into: &block)
        }
    }

    @Test func `a block that was cut is our bug`() async {
        await #expect(processExitsWith: .failure) {
            var block: [UInt8] = []
            Header.encode([Header("trace", [1, 2, 3])], into: &block)
            _ = Header.decode(block.dropLast())
        }
    }
}

func anyHeaders(_ generator: inout SplitMix64) -> [Header] {
    (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        let name = ["", "a", "ce_id", "traceparent", "ключ"][Int.random(in: 0..<5, using: &generator)]
        let length = Int.random(in: -1...300, using: &generator)
        return Header(name, length < 0 ? nil : anyBytes(length, &generator))
    }
}

func anyBytes(_ count: Int, _ generator: inout SplitMix64) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}
