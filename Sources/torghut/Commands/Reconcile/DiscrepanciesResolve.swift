import Core
import Domain
import Runtime
import Threading
import Wire

/// A person has looked, and says why it is as it is.
enum DiscrepanciesResolve {
    static let command = Command(
        "discrepancies resolve", "say why a discrepancy is as it is",
        details: """
            The word is an event on torghut.order-events.v1. Nothing else changes: no order, no fill, no position. A \
            difference of positions or cash that was explained counts from then on as what there is; one of an order \
            is not opened again while it shows the same.
            """,
        options: OperatorWord.options, operand: DiscrepancyReading.operand,
        answerNo: "there is no such discrepancy, or it is resolved already"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let id = try DiscrepancyReading.id(invocation)
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            let history = try await DiscrepancyReading.read(opened.log).history
            guard let entry = history[id] else { return refuse("there is no discrepancy \(id)") }
            guard entry.isOpen else { return refuse("\(id) is resolved already") }
            let writer = try await opened.log.writer(named: "torghut.operator")
            let outcome: Result<[RecordPosition], any Error>
            do {
                outcome = .success(
                    try await writer.append(Append(EventEncoder.records(of: [event(entry, word)]))))
            } catch { outcome = .failure(error) }
            await writer.close()
            try OperatorWord.print(try outcome.get().first, "discrepancy \(id) is explained", json: invocation.json)
            return .ok
        }
    }

    private static func refuse(_ why: String) -> ExitCode {
        StandardError.line("torghut: \(why)")
        return .no
    }

    private static func event(_ entry: DiscrepancyHistory.Known, _ word: OperatorWord) -> Event {
        let now = SystemTime().now()
        let resolved = DiscrepancyResolved(
            discrepancyID: entry.id, kind: entry.kind, order: entry.order, resolution: .explained, actor: word.actor,
            reason: word.reason)
        let id = EventMint.eventID(
            .outside(source: "torghut discrepancies", key: "resolve/\(entry.id)/\(now.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, account: entry.account, symbol: entry.symbol,
            source: SourceName(trusted: "cli"), correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .orderEvents(.discrepancyResolved(resolved)))
    }
}
