public import Core
public import Domain

/// Backtests as they are; each event carries the run's whole state.
public enum LeanBacktestRuns: Projection {
    public struct Tables: TableSet {
        var runs: CurrentTable<LeanBacktestRunRow>

        public init(_ maker: TableMaker) { runs = maker.current(of: LeanBacktestRunRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&runs)
        }
    }

    public static let name = ProjectionName("lean_backtest_runs")
    public static let fold = 2
    public static let ownership = TopicCatalog.backtests
    public static let inputs = [TopicCatalog.backtests]
    public static let wants = Set(EventFamily.backtests.types)

    public static func need(of event: Event, in tables: inout Tables) {
        guard case .backtests(let said) = event.content else { return }
        tables.runs.need(LeanBacktestRunRow.Key(said.run.backtestID))
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .backtests(let said) = event.content else { return }
        let key = LeanBacktestRunRow.Key(said.run.backtestID)
        tables.runs.change(key, making: LeanBacktestRunRow(key)) { row in
            if case .backtestSubmitted = said, row.isUnderWayOrDone { return }
            row.take(said.run, at: Moment(event.envelope.eventTime))
        }
    }
}
