import TestSupport
import Testing

@Suite struct `A trading day` {
    @Test func `is in our log what it is in the broker's books, and stays so in any order and twice`() async throws {
        try await Self.hold(
            TradingDay.Plan(
                orders: 1_500, cuts: 10, kills: 2, seed: 1, pace: 1_500, width: 300, hidePerMille: 40,
                patience: .seconds(60)))
    }

    static func hold(_ plan: TradingDay.Plan) async throws {
        let day = try await TradingDay(plan)
        try await day.live()
        let verdict = try await day.judge(day.program, against: true)
        print("seed \(plan.seed): " + verdict.lines.joined(separator: "\n"))
        try #require(verdict.status == 0, "seed \(plan.seed): \(verdict)")
        let other = try await day.retell()
        let again = try await day.judge(other, against: false)
        print("seed \(plan.seed): " + again.lines.joined(separator: "\n"))
        #expect(again.status == 0 && again.lines.last == verdict.lines.last, "seed \(plan.seed): \(again)")
        await day.close()
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: a trading day` {
    @Test func `of a hundred thousand orders, the stream cut fifty times`() async throws {
        print("seed \(Storm.seed), \(Storm.orders) orders")
        try await `A trading day`.hold(
            TradingDay.Plan(
                orders: Storm.orders, cuts: 50, kills: 5, hasHalfOpen: true, seed: Storm.seed, pace: 4_000,
                width: 2_000, hidePerMille: 20, patience: .seconds(900)))
    }
}
