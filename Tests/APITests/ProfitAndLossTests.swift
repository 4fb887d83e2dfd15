import Core
import Foundation
import TestSupport
import Testing

@testable import API

@Suite struct `Profit and loss` {
    private let key = ProfitAndLoss.Key(account: "paper", symbol: "AAPL")

    private func fill(_ at: Int64, _ signed: String, _ price: String) throws -> ProfitAndLoss.Fill {
        ProfitAndLoss.Fill(key: key, micros: at, signed: try Amount(signed), price: try Amount(price))
    }

    private func outcome(from: Int64 = 0, _ fills: [(Int64, String, String)]) throws -> ProfitAndLoss {
        var outcome = ProfitAndLoss(from: from)
        for (at, signed, price) in fills { outcome.take(try fill(at, signed, price)) }
        return outcome
    }

    private func realized(_ outcome: ProfitAndLoss) throws -> String {
        ProfitAndLoss.amount(try #require(outcome.realized)).description
    }

    @Test func `begins with the inventory that was there`() throws {
        let day = try outcome(from: 10, [(1, "10", "100"), (2, "10", "110"), (11, "-5", "120")])
        #expect(try realized(day) == "75")
        let holding = try #require(day.holdings[key])
        #expect(Amount(units: holding.opening.quantity) == 20 && holding.opening.averagePrice == 105)
        #expect(Amount(units: holding.inventory.quantity) == 15 && holding.wins == 1 && holding.fills == 1)
    }

    @Test func `earns on a short that is bought back below, and turns around`() throws {
        let short = try outcome([(1, "-10", "50"), (2, "4", "45")])
        #expect(try realized(short) == "20")
        #expect(short.holdings[key]?.inventory.averagePrice == 50)
        let turned = try outcome([(1, "-10", "50"), (2, "15", "60"), (3, "-5", "58")])
        #expect(try realized(turned) == "-110")
        #expect(turned.holdings[key]?.inventory == Inventory() && turned.losses == 2)
    }

    @Test func `leaves out what is too large to be reckoned with, and says so`() throws {
        let large = try outcome([(1, "1000000000000", "1000000000"), (2, "1", "10"), (3, "-1", "11")])
        #expect(large.unreckoned == 1)
        #expect(try realized(large) == "1")
    }

    /// What is realized of a holding that is closed is exactly what came in less what went out, in any order of fills.
    @Test func `loses nothing to rounding`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = SplitMix64(seed: seed)
        for _ in 0..<300 {
            var (outcome, cash, held) = (ProfitAndLoss(from: 0), Int128(0), Int128(0))
            for at in 0..<Int64(dice.next() % 40) + 2 {
                let signed = Int128(Int64(dice.next() % 2_000_000_000) - 1_000_000_000)
                let price = Int128(dice.next() % 900_000_000_000 + 1)
                guard signed != 0 else { continue }
                outcome.take(
                    ProfitAndLoss.Fill(
                        key: key, micros: at, signed: Amount(units: signed), price: Amount(units: price)))
                (cash, held) = (cash - signed * price, held + signed)
            }
            let last = Int128(dice.next() % 900_000_000_000 + 1)
            outcome.take(
                ProfitAndLoss.Fill(key: key, micros: 99, signed: Amount(units: -held), price: Amount(units: last)))
            #expect(outcome.realized == cash + held * last, "seed \(seed)")
            #expect(held == 0 || outcome.holdings[key]?.inventory == Inventory(), "seed \(seed)")
        }
    }

    /// The same in the plainest way there is: one average, in decimals of 38 digits.
    private struct Naive {
        var quantity = Decimal(0)
        var average = Decimal(0)
        var realized = Decimal(0)

        mutating func take(_ signed: Decimal, _ price: Decimal) {
            guard quantity != 0, (quantity > 0) != (signed > 0) else {
                let sum = abs(quantity) + abs(signed)
                average = (abs(quantity) * average + abs(signed) * price) / sum
                return quantity += signed
            }
            let closed = min(abs(quantity), abs(signed))
            realized += closed * (price - average) * (quantity > 0 ? 1 : -1)
            let rest = abs(signed) - closed
            quantity += signed
            if rest > 0 { average = price }
            if quantity == 0 { average = 0 }
        }
    }

    @Test func `is what a naive reckoning says`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var (outcome, naive, from) = (ProfitAndLoss(from: 10), Naive(), Decimal(0))
            for at in 0..<Int64(30) {
                let quantity = Int64(dice.next() % 400) - 200
                let cents = Int64(dice.next() % 100_000) + 1
                guard quantity != 0 else { continue }
                naive.take(Decimal(quantity), Decimal(cents) / 100)
                if at < 10 { from = naive.realized }
                outcome.take(
                    ProfitAndLoss.Fill(
                        key: key, micros: at, signed: Amount(quantity), price: try Amount("\(Decimal(cents) / 100)")))
            }
            let said = try #require(Decimal(string: try realized(outcome)))
            #expect(abs(said - (naive.realized - from)) < Decimal(string: "0.0000001") ?? 0, "seed \(seed)")
            #expect(
                outcome.holdings[key].map { "\(Amount(units: $0.inventory.quantity))" } ?? "0" == "\(naive.quantity)")
        }
    }
}
