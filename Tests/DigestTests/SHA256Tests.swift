import Digest
import Foundation
import TestSupport
import Testing

@Suite struct `SHA-256` {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `gives the standard's own examples`(text: String, digest: String) {
        #expect(hex(SHA256.hash(Array(text.utf8))) == digest)
    }

    @Test func `fed in any pieces gives what Python's hashlib gives for the whole`() throws {
        var questions = ""
        var answers: [String] = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let bytes = anyInput(&generator)
            questions += hex(bytes) + ".\n"
            var hasher = SHA256()
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...200, using: &generator)))
                unsafe hasher.update(piece.span.bytes)
                rest = rest.dropFirst(piece.count)
            }
            answers.append(hex(hasher.finish()))
        }
        let script = """
            import hashlib, sys
            for line in sys.stdin: print(hashlib.sha256(bytes.fromhex(line.strip(".\\n"))).hexdigest())
            """
        let verdict = try Judge.python(script, input: Data(questions.utf8))
        #expect(verdict.status == 0, "\(verdict.errors)")
        #expect(verdict.lines == answers.map { $0[...] })
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

/// All short lengths come up, because hashes treat them each in their own way.
func anyInput(_ generator: inout SplitMix64) -> [UInt8] {
    let longest = [16, 128, 240, 2_000][Int.random(in: 0..<4, using: &generator)]
    return (0..<Int.random(in: 0...longest, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
    }
}
