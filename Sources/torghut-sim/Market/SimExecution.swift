import Core

/// One execution as the simulated broker keeps it, whatever was told of it.
struct SimExecution: Sendable {
    let id: String
    /// The place of its order.
    let order: Int
    let qty: Amount
    let price: Amount
    let at: Timestamp
    let isWhole: Bool
    /// Of its order, when it happened.
    let cumulative: Amount
    let leaves: Amount
    let orderStatus: String
    /// In the books and told to nobody: neither the stream nor the activities have it.
    let isHidden: Bool
    var isBusted = false
    var corrected: Correction?

    struct Correction: Sendable {
        let qty: Amount
        let price: Amount
    }

    /// What counts of it now.
    var effective: Correction? { isBusted ? nil : corrected ?? Correction(qty: qty, price: price) }
}

/// All executions, in the order they happened.
struct SimLedger: Sendable {
    private(set) var rows = TrackedRows<SimExecution>()
    private var places: [String: Int] = [:]

    subscript(place: Int) -> SimExecution {
        get { rows[place] }
        _modify { yield &rows[place] }
    }

    mutating func takeChanges() -> [Int] { rows.takeChanges() }
    mutating func touch(_ places: Range<Int>) { rows.touch(places) }

    /// False when it does not follow those that are there.
    mutating func restore(_ execution: SimExecution, at place: Int) -> Bool {
        guard rows.restore(execution, at: place) else { return false }
        places[execution.id] = place
        return true
    }

    subscript(id: String) -> Int? { places[id] }

    mutating func append(_ execution: SimExecution) -> Int {
        rows.append(execution)
        places[execution.id] = rows.count - 1
        return rows.count - 1
    }

    /// The first place that is not before this moment; times of executions only grow.
    func first(from moment: Timestamp) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].at < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func first(after moment: Timestamp) -> Int { first(from: Timestamp(nanoseconds: moment.nanoseconds + 1)) }
}
