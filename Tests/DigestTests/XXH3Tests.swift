import Digest
import Foundation
import TestSupport
import Testing

@Suite struct `The hash XXH3` {
    @Test func `gives the hash of nothing that its authors publish`() {
        #expect(XXH3.hash([]) == 0x2D06_8005_38D3_94C2)
    }

    @Test func `gives what Python's xxhash gives, with and without a seed`() throws {
        var questions = ""
        var answers: [String] = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let bytes = anyInput(&generator)
            let salt = seed % 2 == 0 ? 0 : generator.next()
            questions += "\(salt) \(hex(bytes)).\n"
            answers.append("\(XXH3.hash(bytes, seed: salt))")
        }
        let script = """
            import sys, xxhash
            for line in sys.stdin:
                seed, text = line.split()
                print(xxhash.xxh3_64_intdigest(bytes.fromhex(text.strip(".")), seed=int(seed)))
            """
        let verdict = try Judge.python(script, input: Data(questions.utf8))
        #expect(verdict.status == 0, "\(verdict.errors)")
        #expect(verdict.lines == answers.map { $0[...] })
    }

    @Test func `one changed bit changes the hash`() {
        var generator = SplitMix64(seed: 3)
        let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let whole = XXH3.hash(bytes)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(XXH3.hash(flipped) != whole, "bit \(bit)")
        }
    }
}
