public import Core

/// One execution of an order: what was filled, unless it was corrected or taken back.
///
/// Whatever is said of it may be said in any order and as often as anybody likes: the earliest report of the fill
/// counts, the latest correction counts more, and what was taken back stays so.
public struct OrderFill: FieldRecord, Equatable {
    /// A quantity at a price.
    public struct Slice: FieldRecord, Equatable {
        public var qty: Amount
        public var price: Amount
        public var at: Timestamp

        public init(qty: Amount, price: Amount, at moment: Timestamp) {
            self.qty = qty
            self.price = price
            self.at = moment
        }

        public init(unread: Unread) {
            qty = unread()
            price = unread()
            at = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("qty", &qty, FieldNote("How much.", unit: "units"))
            try fields.field("price", &price, FieldNote("At what price.", unit: "currency per unit"))
            try fields.field("at", &at, "When it was said.")
        }

        /// Two reports of one moment that differ are told apart by what they say, not by which came first.
        static func < (left: Slice, right: Slice) -> Bool {
            (left.at, left.qty, left.price) < (right.at, right.qty, right.price)
        }
    }

    public private(set) var execution: ExecutionID
    public private(set) var reported: Slice?
    public private(set) var corrected: Slice?
    public private(set) var isBusted = false

    init(_ execution: ExecutionID) { self.execution = execution }

    /// What counts; `nil` when it was taken back, or when only its bust was ever told.
    public var effective: Slice? { isBusted ? nil : corrected ?? reported }

    mutating func report(_ slice: Slice) { if reported.map({ slice < $0 }) ?? true { reported = slice } }
    mutating func correct(_ slice: Slice) { if corrected.map({ $0 < slice }) ?? true { corrected = slice } }
    mutating func bust() { isBusted = true }

    mutating func merge(_ other: OrderFill) {
        if let slice = other.reported { report(slice) }
        if let slice = other.corrected { correct(slice) }
        if other.isBusted { bust() }
    }

    public init(unread: Unread) { execution = unread() }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("execution_id", &execution, "The broker's id of it.")
        try fields.field("reported", &reported, "As it was first reported.")
        try fields.field("corrected", &corrected, "As it was corrected.")
        try fields.field("is_busted", &isBusted, "Whether it was taken back.")
    }
}

/// The executions of one order, by their ids.
public struct OrderFills: Equatable, Sendable {
    public private(set) var rows: [OrderFill] = []

    public init() {}

    public subscript(execution: ExecutionID) -> OrderFill? {
        let place = place(of: execution)
        return place < rows.count && rows[place].execution == execution ? rows[place] : nil
    }

    /// What all of them come to; `nil` when no amount is so large.
    public var qty: Amount? {
        var sum: Int128 = 0
        for row in rows {
            let (more, overflow) = sum.addingReportingOverflow(row.effective?.qty.units ?? 0)
            guard !overflow else { return nil }
            sum = more
        }
        return Amount(units: sum)
    }

    /// What was told of as filled at any time, what was taken back since included; `nil` when no amount is so large.
    public var everTold: Amount? {
        var sum: Int128 = 0
        for row in rows {
            let most = max(row.reported?.qty.units ?? 0, row.corrected?.qty.units ?? 0)
            let (more, overflow) = sum.addingReportingOverflow(most)
            guard !overflow else { return nil }
            sum = more
        }
        return Amount(units: sum)
    }

    /// What was paid for each on average, rounded once; `nil` when nothing is filled.
    public var averagePrice: Amount? {
        var (sum, notional) = (Int128(0), Int128(0))
        for row in rows {
            guard let slice = row.effective else { continue }
            guard let money = Amount.exactProduct(slice.qty, slice.price) else { return nil }
            let (more, first) = sum.addingReportingOverflow(slice.qty.units)
            let (paid, second) = notional.addingReportingOverflow(money)
            guard !first, !second else { return nil }
            (sum, notional) = (more, paid)
        }
        return ExactQuotient.of(notional, over: sum).map(Amount.init(units:))
    }

    /// Whether any of them was corrected or taken back: then the broker's own sums say nothing of ours.
    public var isAmended: Bool { rows.contains { $0.isBusted || $0.corrected != nil } }

    mutating func change(_ execution: ExecutionID, _ change: (inout OrderFill) -> Void) {
        let place = place(of: execution)
        if place == rows.count || rows[place].execution != execution {
            rows.insert(OrderFill(execution), at: place)
        }
        change(&rows[place])
    }

    mutating func merge(_ other: OrderFills) {
        for row in other.rows { change(row.execution) { $0.merge(row) } }
    }

    private func place(of execution: ExecutionID) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].execution < execution { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) { try fields.list("fills", &rows, 0...Int.max, "Its executions, by their ids.") }
}
