internal import Core
internal import Domain
internal import Folding
internal import Wire

/// The classifications of one read, on their way to one append.
struct FeedBatch: Sendable {
    private var events: [Event] = []
    private(set) var counts = FeedCounts()

    private static let letters = ParkingLetter(from: "order-feed", version: 1)
    private static let source = SourceName(trusted: "order-feed")

    /// Classifies a message, and folds what was made of it; the answer is why it was put aside, if it was.
    mutating func take(
        _ message: UpdateBatch.Message, in state: inout FeedState, _ scope: FeedScope, at moment: Timestamp, seq: Int64
    ) throws(LogError) -> String? {
        counts.messages += 1
        switch message.content {
        case .failure(let refusal):
            return try park(message, refusal.parkReason, "\(refusal)", at: moment, seq: seq)
        case .success(let update):
            var recorded = BrokerUpdateRecorded(update, at: message.position)
            let verdict = state.judge(
                recorded, of: update.account, update.symbol, takenIn: moment, ours: scope.accounts)
            guard let symbol = verdict.symbol else {
                return try park(
                    message, .missingIdentity, "names no symbol, and its order is not known", at: moment, seq: seq)
            }
            recorded.take(verdict, of: update.account)
            state.fold(recorded, of: update.account, symbol, takenIn: moment)
            counts.byClass[verdict.classification, default: 0] += 1
            if let time = update.eventTime { counts.oldest = min(counts.oldest ?? time, time) }
            events.append(event(recorded, update, symbol, verdict.story, at: moment, seq: seq))
            return nil
        }
    }

    private func event(
        _ recorded: BrokerUpdateRecorded, _ update: BrokerUpdate, _ symbol: Symbol, _ story: StoryID?,
        at moment: Timestamp, seq: Int64
    ) -> Event {
        let cause = Cause(
            topic: recorded.sourceTopic.text, partition: Int32(recorded.sourcePartition),
            offset: recorded.sourceOffset)
        let id = EventMint.eventID(.record(cause, BrokerUpdateRecorded.type))
        let envelope = Envelope(
            eventID: id, eventTime: update.eventTime ?? moment, ingestTime: moment, account: update.account,
            symbol: symbol, seq: seq, source: Self.source, correlation: story ?? StoryID(high: id.high, low: id.low),
            cause: cause)
        return Event(envelope, .orderEvents(.brokerUpdateRecorded(recorded)))
    }

    /// A message that is no update of an order is told on the quarantine's topic, with the very append that passes it.
    private mutating func park(
        _ message: UpdateBatch.Message, _ reason: ParkReason, _ detail: String, at moment: Timestamp, seq: Int64
    ) throws(LogError) -> String {
        counts.parked[reason, default: 0] += 1
        guard let record = message.record else { preconditionFailure("what may be put aside carries its record") }
        events.append(
            try Self.letters.letter(for: record, ParkingLetter.Reason(reason, detail), at: moment, seq: seq))
        return detail
    }

    var isEmpty: Bool { events.isEmpty }

    /// As bytes; made beside the next read, not before it.
    func records() -> [NewRecord] { EventEncoder.records(of: events) }
}
