internal import Core

/// The sum of an order's executions: exact, and the same in whatever order they are counted.
struct Ledger: Sendable, Equatable {
    var count: Int64 = 0
    var qty = Amount.zero
    /// Quantity times price, with eighteen decimals.
    var notional: Int128 = 0

    var averagePrice: Amount? { ExactQuotient.of(notional, over: qty.units).map(Amount.init(units:)) }

    /// What an execution adds, or takes away.
    struct Step: Sendable, Equatable {
        var count: Int64 = 0
        var qty: Int128 = 0
        var notional: Int128 = 0
    }

    /// `nil` when the sums would overflow.
    func adding(_ step: Step) -> Ledger? {
        let (qty, first) = qty.units.addingReportingOverflow(step.qty)
        let (notional, second) = notional.addingReportingOverflow(step.notional)
        return first || second ? nil : Ledger(count: count + step.count, qty: Amount(units: qty), notional: notional)
    }

    mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("execution_count", &count, "Executions that belong to it.")
        try columns.column("executions_qty", &qty, ColumnNote("Their effective quantities.", unit: "units"))
        // An amount has nine decimals: its billionfold keeps all eighteen.
        var billionfold = Amount(units: notional)
        try columns.column(
            "executions_notional_e9", &billionfold, ColumnNote("Their notional, exact.", unit: "1e-9 currency"))
        notional = billionfold.units
    }
}
