import Core
import TestSupport
import Testing

@testable import Projections

@Suite struct `Amounts as numeric columns` {
    @Test func `come back as they went`() throws {
        let seed = Storm.seed
        var random = SplitMix64(seed: seed)
        var amounts: [Amount] = [.zero, .one, .maximum, .minimum, Amount(units: 1), Amount(units: -1)]
        for digits in 0..<38 {
            for _ in 0..<20 {
                var units = Int128(random.next())
                for _ in 0..<max(0, digits - 18) { units = units &* 10 &+ Int128(random.next() % 10) }
                for _ in 0..<max(0, 18 - digits) { units /= 10 }
                amounts.append(Amount(units: random.next() % 2 == 0 ? units : 0 &- units))
            }
        }
        for amount in amounts {
            var row = RowBytes()
            amount.writeField(to: &row)
            let bytes = row.take()
            let back = try Amount.readField(unsafe bytes.span.bytes.extracting(droppingFirst: 4))
            #expect(back == amount, "seed \(seed)")
        }
    }
}
