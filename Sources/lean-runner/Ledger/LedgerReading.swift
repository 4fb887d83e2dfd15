import Core

/// What a ledger's records say together, read from the first to the last.
struct LedgerReading {
    var book: LedgerBook
    private(set) var birth: Timestamp?
    /// The newest time of any record; `nil` when there is none.
    private(set) var newest: Timestamp?

    init(book: LedgerBook) { self.book = book }

    mutating func take(_ record: LedgerRecord) {
        switch record {
        case .entry(let entry):
            book.put(entry)
            see(entry.changedAt)
        case .epoch(let epoch, let scope): book.raise(epoch, in: scope)
        case .probe(let time): see(time)
        case .birth(let time):
            birth = min(time, birth ?? time)
            see(time)
        }
    }

    private mutating func see(_ time: Timestamp) { newest = max(time, newest ?? time) }
}
