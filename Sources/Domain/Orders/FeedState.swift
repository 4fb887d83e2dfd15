public import Core

/// All that the order feed knows from the log: the orders, and which broker events it has seen.
///
/// A fold: what it classifies it folds at once, and reading its own events back gives the same state.
public struct FeedState: Snapshot {
    public static let foldName = "torghut.feed.1"

    public private(set) var book: FeedBook
    public private(set) var seen: SeenEvents
    public private(set) var clock = Timestamp.earliest

    public init(_ memory: FeedBook.Memory = FeedBook.Memory(), remembering events: Int = SeenEvents.standardCapacity) {
        book = FeedBook(memory)
        seen = SeenEvents(capacity: events)
    }

    /// Takes what lies on the log: attempts, which say which orders are ours, and what the feed itself wrote.
    public mutating func fold(_ event: Event) {
        let envelope = event.envelope
        guard let account = envelope.account else { return }
        switch event.content {
        case .route(.attemptPrepared(let prepared)):
            turn(to: envelope.ingestTime)
            book.change(account, prepared.key.clientOrderID, nil, at: envelope.ingestTime) { order in
                order.symbol = envelope.symbol ?? order.symbol
                order.attempt = prepared.key.attemptID
                order.story = envelope.correlation
            }
        case .route(.attemptAccepted(let accepted)):
            turn(to: envelope.ingestTime)
            book.change(account, accepted.key.clientOrderID, accepted.alpacaOrderID, at: envelope.ingestTime) { order in
                order.symbol = envelope.symbol ?? order.symbol
                order.attempt = accepted.key.attemptID
                order.story = envelope.correlation
                order.life.fold(accepted, at: envelope.eventTime)
            }
        case .route(.attemptRejected(let rejected)):
            turn(to: envelope.ingestTime)
            book.drop(account, rejected.key.clientOrderID)
        case .orderEvents(.brokerUpdateRecorded(let update)):
            fold(update, of: account, envelope.symbol, takenIn: envelope.ingestTime)
        default: break
        }
    }

    /// Takes an update that was classified.
    public mutating func fold(
        _ update: BrokerUpdateRecorded, of account: AccountLabel, _ symbol: Symbol?, takenIn moment: Timestamp
    ) {
        turn(to: moment)
        switch update.classification {
        case .foreign, .duplicate: return
        case .applied, .noChange, .outOfOrder, .unlinked, .conflict: break
        }
        seen.insert(update.eventFingerprint)
        book.change(account, update.clientOrderID, update.alpacaOrderID, at: moment) { order in
            order.symbol = order.symbol ?? symbol
            order.life.fold(update, at: moment)
        }
    }

    private mutating func turn(to moment: Timestamp) {
        guard moment > clock else { return }
        clock = moment
        book.forget(at: clock)
    }

    public func write(to writer: inout StateWriter) {
        var clock = clock
        writer.field("clock", &clock, "The latest moment.")
        book.write(to: &writer)
        seen.write(to: &writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        try reader.field("clock", &clock, "The latest moment.")
        book = try FeedBook(from: &reader, FeedBook.Memory())
        seen = try SeenEvents(from: &reader)
    }
}
