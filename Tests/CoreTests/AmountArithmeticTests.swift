import Core
import Foundation
import TestSupport
import Testing

@Suite struct `Reckoning with amounts` {
    /// Python's integers have no limit and its fractions are exact.
    private static let judge = """
        import sys
        from fractions import Fraction
        one = 10**9
        for line in sys.stdin:
            name, rounding, a, b = line.split()
            a, b = int(a), int(b)
            if name == "divide" and b == 0: print("zero"); continue
            exact = {"add": lambda: Fraction(a + b), "subtract": lambda: Fraction(a - b),
                     "multiply": lambda: Fraction(a * b, one), "divide": lambda: Fraction(a * one, b)}[name]()
            units = round(exact) if rounding == "halfEven" else int(exact)
            print(units if -2**127 <= units < 2**127 else "overflow")
        """

    @Test func `every result is what exact arithmetic gives, or an overflow where it has no room`() throws {
        var questions = ""
        var answers: [String] = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            for operation in [.add, .subtract, .multiply, .divide] as [Amount.Operation] {
                for rounding in Amount.Rounding.allCases {
                    let (left, right) = (anyAmount(&generator), anyAmount(&generator))
                    questions += "\(operation) \(rounding) \(left.units) \(right.units)\n"
                    answers.append(answer(operation, rounding, left, right))
                }
            }
        }
        for (left, right) in Self.middles {
            for rounding in Amount.Rounding.allCases {
                questions += "multiply \(rounding) \(left) \(right)\n"
                answers.append(answer(.multiply, rounding, Amount(units: left), Amount(units: right)))
            }
        }
        let verdict = try Judge.python(Self.judge, input: Data(questions.utf8))
        #expect(verdict.status == 0, "\(verdict.errors)")
        let asked = questions.split(separator: "\n")
        try #require(verdict.lines.count == answers.count)
        for (index, expected) in verdict.lines.enumerated() {
            #expect(answers[index] == expected, "\(asked[index])")
        }
    }

    /// Products that end exactly in the middle between two billionths, and beside it.
    private static let middles: [(Int128, Int128)] = [
        (1, 500_000_000), (3, 500_000_000), (-1, 500_000_000), (-3, 500_000_000), (1, 499_999_999), (1, 500_000_001),
        (5, 300_000_000), (7, 500_000_000), (.max, 1_000_000_000), (.min, 1_000_000_000), (.min, -1_000_000_000),
        (.max, 1_000_000_001), (.min, .min), (0, .min),
    ]

    private func answer(
        _ operation: Amount.Operation, _ rounding: Amount.Rounding, _ left: Amount, _ right: Amount
    ) -> String {
        do throws(Amount.ArithmeticFault) {
            let result =
                switch operation {
                case .add: try left.adding(right)
                case .subtract: try left.subtracting(right)
                case .multiply: try left.multiplied(by: right, rounding: rounding)
                case .divide: try left.divided(by: right, rounding: rounding)
                case .negate: try left.negated()
                }
            return "\(result.units)"
        } catch {
            switch error {
            case .divisionByZero: return "zero"
            case .overflow(let failed): return failed == operation ? "overflow" : "wrong operation named"
            }
        }
    }

    @Test func `a satoshi times a notional of a trillion is exact, and a trillion squared has room`() throws {
        let satoshi = try Amount("0.00000001")
        let notional: Amount = 1_000_000_000_000
        #expect(try satoshi.multiplied(by: notional) == 10_000)
        #expect(try notional.multiplied(by: notional).description == "1000000000000000000000000")
        #expect(try notional.divided(by: satoshi).description == "100000000000000000000")
    }

    @Test func `negation turns every sign but that of the minimum`() throws {
        #expect(try Amount(5).negated() == -5)
        #expect(try Amount.maximum.negated() > .minimum)
        #expect(throws: Amount.ArithmeticFault.overflow(.negate)) { try Amount.minimum.negated() }
    }

    @Test(
        arguments: [
            ("3.7", .equity, "3"), ("-3.7", .equity, "-3"), ("0.99995", .fractional, "0.9999"), ("5", .equity, "5"),
            ("0.123456789", .crypto, "0.12345678"), ("-0.000000019", .crypto, "-0.00000001"), ("0.9", .equity, "0"),
        ] as [(String, Amount.Step, String)])
    func `rounding to a step never makes an order larger`(text: String, step: Amount.Step, expected: String) throws {
        let rounded = try Amount(text).rounded(downTo: step)
        #expect(rounded == (try Amount(expected)))
        #expect(rounded.isMultiple(of: step))
    }

    @Test func `any amount rounds to the nearest multiple towards zero`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let amount = anyAmount(&generator)
            for step in [Amount.Step.equity, .fractional, .crypto] {
                let rounded = amount.rounded(downTo: step)
                #expect(rounded.isMultiple(of: step), "seed \(seed)")
                #expect(rounded.units.magnitude <= amount.units.magnitude, "seed \(seed)")
                #expect(amount.units.magnitude - rounded.units.magnitude < step.size.units.magnitude, "seed \(seed)")
            }
        }
        #expect(Amount.Step(0) == nil)
        #expect(Amount.Step(-1) == nil)
        #expect(Amount.Step(1) == .equity)
    }

    @Test func `amounts are ordered by value`() throws {
        let ordered = try ["-2", "-1.000000001", "-1", "0", "0.000000001", "9.99", "10"].map { try Amount($0) }
        #expect(ordered.shuffled().sorted() == ordered)
    }
}
