public import Core
public import Domain
internal import Wire

/// The event by which somebody asks for a run.
public struct BacktestDraft: Sendable {
    public let event: Event
    public var run: BacktestRun? {
        if case .backtests(let content) = event.content { content.run } else { nil }
    }

    /// `nonce` tells two askings for the same run apart: who asks again after a failure means a new attempt.
    public init(
        _ config: CanonicalConfig, lane: String, by actor: ActorName, at time: Timestamp, source: SourceName,
        nonce: String
    ) throws {
        let run = BacktestRun(
            backtestID: config.id(in: lane), lane: try Label(lane), requestedBy: actor, status: .queued,
            reproducibilityHash: config.reproducibilityHash, configJSON: try CompactJSON(parsing: config.text),
            submittedAt: time)
        let id = EventMint.eventID(
            .outside(source: source.text, key: "backtest/\(run.backtestID)/\(time.nanoseconds)/\(nonce)"))
        event = Event(
            Envelope(
                eventID: id, eventTime: time, ingestTime: time, seq: 0, source: source,
                correlation: StoryID(high: id.high, low: id.low)),
            .backtests(.backtestSubmitted(BacktestSubmitted(run: run))))
    }

    public var record: NewRecord {
        var encoder = EventEncoder()
        return encoder.record(event)
    }
}
