public import Core

/// How the market treats orders in a replay.
public struct ReplaySettings: Sendable, Equatable {
    /// Between bid and ask where the data are bars, which have no spread of their own.
    public var spreadBps: Amount = 2
    /// What an order that takes a price pays beyond it.
    public var slippageBps: Amount = 1
    /// What it would pay beyond it if it were a bar's whole volume; a part of it in proportion.
    public var impactBps: Amount = 50
    /// Most of a bar's volume that our orders together are given.
    public var barParticipation: Amount = Amount(units: 100_000_000)
    /// Most of the size shown by a quote that our orders together are given.
    public var quoteParticipation: Amount = 1
    /// From a decision to its arrival at the market: drawn evenly between these for each order.
    public var latency: ClosedRange<Int64> = 20_000_000...80_000_000
    public var latencySeed: UInt64 = 1
    public var commissionBps: Amount = .zero
    public var commissionPerUnit: Amount = .zero
    public var minimumCommission: Amount = .zero
    /// Quantities filled are multiples of it.
    public var quantityStep = Amount.Step.equity
    /// When a trading day ends, in nanoseconds after midnight UTC.
    public var dayEnds: Int64 = 86_400_000_000_000
    /// A standing quote older than this fills nothing.
    public var quoteMaximumAge: Int64 = 60_000_000_000
    public var initialCash: Amount = 100_000
    /// Most that is held of a symbol, either way; a decision beyond it is passed over.
    public var maximumPosition: Amount?
    public var allowShorts = false
    /// What one bar spans: bars made from quotes have this length.
    public var timeframe: Int64 = 60_000_000_000
    /// Points of the equity curve that are kept; drawdown is computed from all.
    public var equityPoints = 1_000
    /// Most fills of a run; one more stops it.
    public var maximumFills = 250_000

    public init() {}

    /// The first end of a day after this moment.
    func dayEnd(after time: Timestamp) -> Timestamp {
        let day: Int64 = 86_400_000_000_000
        let (sinceEnd, _) = time.nanoseconds.subtractingReportingOverflow(dayEnds)
        var rest = sinceEnd % day
        if rest < 0 { rest += day }
        let (next, overflow) = time.nanoseconds.addingReportingOverflow(day - rest)
        return overflow ? .latest : Timestamp(nanoseconds: next)
    }
}
