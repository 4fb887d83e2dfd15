import Core
import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// Changes samples at random places, by a seed.
struct Mutator {
    var random: SplitMix64

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.next() % 4 where !bytes.isEmpty { change(&bytes) }
        return bytes
    }

    private static let pieces = [
        "null", "{}", "[]", "\"\"", "-1", "1e999", "NaN", "true", "\\u0000", "\\ud800", "0.1234567891", "\"", "}", ",",
        "9223372036854775808", "[[[[", "\u{FEFF}", "2026-02-30T00:00:00Z",
    ].map { Array($0.utf8) }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int(random.next() % UInt64(bytes.count))
        let length = min(Int(random.next() % 24), bytes.count - place)
        switch random.next() % 6 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
        case 4: bytes.insert(contentsOf: Self.pieces[Int(random.next() % UInt64(Self.pieces.count))], at: place)
        default:
            let piece = Self.pieces[Int(random.next() % UInt64(Self.pieces.count))]
            bytes.replaceSubrange(place..<place + length, with: piece)
        }
    }
}

/// Whatever the bytes: a value that comes back as itself, or an error that says something; never a trap.
func survive(mutations: Int, seed: UInt64) throws -> (read: Int, refused: Int) {
    var mutator = Mutator(random: SplitMix64(seed: seed))
    var decoder = EventDecoder()
    var encoder = EventEncoder()
    var reader = BrokerUpdateReader(defaultAccount: try AccountLabel("paper"))
    var counts = (read: 0, refused: 0)
    for round in 0..<mutations {
        let sample = Samples.all[round % Samples.all.count]
        let bytes = mutator.mutate(sample.bytes)
        do {
            if case .event(let event) = try decoder.decode(bytes) {
                let again = try decoder.decode(encoder.encode(event))
                guard again == .event(event) else {
                    Issue.record("seed \(seed), round \(round), \(sample.path): does not come back as itself")
                    continue
                }
            }
            counts.read += 1
        } catch {
            counts.refused += 1
            if error.description.isEmpty { Issue.record("seed \(seed), round \(round): no reason") }
        }
        do { _ = try reader.read(bytes) } catch {
            if error.description.isEmpty { Issue.record("seed \(seed), round \(round): no reason") }
        }
    }
    return counts
}

@Suite struct `Mutated samples` {
    @Test func `are read or refused, and never crash a reader`() throws {
        let seed: UInt64 = 0x7049_6875
        let counts = try survive(mutations: 100_000, seed: seed)
        print("100000 mutations with seed \(seed): \(counts.read) read, \(counts.refused) refused")
        #expect(counts.read > 1_000 && counts.refused > 10_000)
    }
}

@Suite(.enabled(if: Storm.isOn, "the long twin, run by `make soak`"))
struct `Soak of mutated samples` {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `are read or refused, and never crash a reader`(part: UInt64) throws {
        let seed = Storm.seed &+ part &* 1_000_003
        print("part \(part): seed \(seed)")
        let counts = try survive(mutations: 1_000_000, seed: seed)
        #expect(counts.read + counts.refused == 1_000_000)
    }
}
