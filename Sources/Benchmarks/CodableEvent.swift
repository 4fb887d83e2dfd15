import Core
import Domain

/// The event of the 400-byte sample as Foundation decodes it, into the same types.
struct CodableEvent: Decodable {
    let event_id: Read<EventID>
    let event_type: Read<TypeName>
    let version: Int64
    let event_ts: Read<Timestamp>
    let ingest_ts: Read<Timestamp>
    let account_label: Read<AccountLabel>?
    let symbol: Read<Symbol>?
    let seq: Int64
    let source: Read<SourceName>
    let correlation_id: Read<StoryID>
    let causation_id: Read<EventID>?
    let payload: Failure

    struct Failure: Decodable {
        let run_id: Read<Label>
        let strategy_id: Read<StrategyID>
        let decision_hash: Read<DecisionHash>?
        let failure_taxonomy: Read<LaneFailure>
        let http_status: Int64?
        let reason: Read<Prose>?
        let disable_switch_active: Bool
        let latency_us: Int64?
    }

    /// A text that its type reads.
    struct Read<Value: FieldText>: Decodable {
        let value: Value

        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            value = try unsafe Value.read(text.utf8.span.bytes)
        }
    }

    var event: Event {
        let envelope = Envelope(
            eventID: event_id.value, eventTime: event_ts.value, ingestTime: ingest_ts.value,
            account: account_label?.value, symbol: symbol?.value, seq: seq, source: source.value,
            correlation: correlation_id.value, causation: causation_id?.value)
        let failure = StrategyShadowFailed(
            runID: payload.run_id.value, strategyID: payload.strategy_id.value,
            decisionHash: payload.decision_hash?.value, failureTaxonomy: payload.failure_taxonomy.value,
            httpStatus: payload.http_status, reason: payload.reason?.value,
            disableSwitchActive: payload.disable_switch_active, latencyMicroseconds: payload.latency_us)
        return Event(envelope, .strategyShadow(.strategyShadowFailed(failure)))
    }
}
