internal import Postgres

/// What pages ask in sum: no list is long enough to be counted by its reader.
extension ReadOperations {
    static func decisions(_ desk: ReadDesk) -> Operation {
        Operation(
            .get, "/trading/decisions/summary", id: "summarizeDecisions",
            "Decisions in sum, step by step: verdicts, reasons, how late they were sent, how old their quotes were.",
            parameters: DecisionSpan.parameters,
            answers: [
                Operation.Answer(200, "In sum.", DecisionSummary.shape, headers: [position]), unchanged,
            ], problems: [.databaseUnavailable, .notReady]
        ) { try await desk.decisions($0) }
    }

    /// Stands before the route of one discrepancy: `summary` is no id.
    static func discrepancies(_ desk: ReadDesk) -> Operation {
        Operation(
            .get, "/trading/discrepancies/summary", id: "summarizeDiscrepancies",
            "What does not fit now, by kind, and since when.",
            answers: [
                Operation.Answer(200, "In sum.", ReadItems.openDiscrepancies.shape, headers: standing), unchanged,
            ], problems: [.notFound, .databaseUnavailable, .notReady]
        ) { call in
            try await desk.item(ReadItems.openDiscrepancies, Parameters(), missing: "nothing is summed up", call)
        }
    }

    static func waiting(_ desk: ReadDesk) -> Operation {
        Operation(
            .get, "/trading/quarantine/waiting", id: "listWaitingRecords",
            "Records that hold up their keys now, who parked them and why, and what waits behind them.",
            parameters: WaitingRecords.parameters,
            answers: [
                Operation.Answer(200, "In the order of the log.", WaitingRecords.shape, headers: standing), unchanged,
            ], problems: [.databaseUnavailable, .notReady]
        ) { try await desk.waitingRecords($0) }
    }
}
