public import Core
public import Domain
internal import JSON
internal import Wire

/// How intents are evaluated: the runner gets what the strategy saw and what it was enabled with.
public struct StrategyShadowCraft: LaneCraft {
    public typealias Book = PromotionBook

    public let name = "strategy-shadow"
    public let path = "/v1/strategy-shadow/evaluate"
    /// A runner that is not ours looks into no intent, but refuses none either: it gets the original's fields.
    private let isForeign: Bool

    public init(isForeign: Bool = false) { self.isForeign = isForeign }

    public func correlation(of question: EvaluationQuestion) -> CorrelationID {
        CorrelationID(trusted: "torghut-shadow-\(question.decision.description.prefix(18))")
    }

    public func prepared(_ question: EvaluationQuestion) async -> EvaluationQuestion { question }

    public func body(of question: EvaluationQuestion) -> [UInt8] {
        var json = JSONWriter(reserving: 1_024)
        json.object { json in
            Self.text("strategy_id", question.intent.strategyID.text, &json)
            Self.text("symbol", question.symbol.text, &json)
            json.key("intent")
            json.raw(intent(of: question))
        }
        return json.finish()
    }

    /// What is recorded names what was seen and enabled by its hash: both lie on the log already, and may be large.
    private func intent(of question: EvaluationQuestion, isRecord: Bool = false) -> [UInt8] {
        let (intent, terms) = (question.intent, question.intent.terms)
        var json = JSONWriter(reserving: 512)
        json.object { json in
            Self.text("strategy_id", intent.strategyID.text, &json)
            Self.text("symbol", question.symbol.text, &json)
            Self.text("action", intent.side.rawValue, &json)
            Self.number("qty", terms.qty, &json)
            Self.text("order_type", terms.orderType.rawValue, &json)
            Self.text("time_in_force", terms.timeInForce.rawValue, &json)
            guard !isForeign else { return }
            Self.number("limit_price", terms.limitPrice, &json)
            Self.number("notional", intent.notional ?? terms.notional, &json)
            Self.text("timeframe", intent.timeframe.rawValue, &json)
            Self.text("decided_at", intent.decidedAt.description, &json)
            Self.text("decision_hash", question.decision.description, &json)
            if isRecord {
                if let params = intent.params {
                    Self.text("features_hash", EventMint.content(params.bytes).description, &json)
                }
                if let hash = question.definition?.hash {
                    Self.text("definition_hash", hash.description, &json)
                }
                return
            }
            if let params = intent.params {
                json.key("features")
                json.raw(params.bytes)
            }
            if let definition = question.definition?.json {
                json.key("definition")
                json.raw(definition.bytes)
            }
        }
        return json.finish()
    }

    private static func text(_ name: StaticString, _ value: String, _ json: inout JSONWriter) {
        json.key(name)
        json.string(value)
    }

    private static func number(_ name: StaticString, _ value: Amount?, _ json: inout JSONWriter) {
        guard let value else { return }
        json.key(name)
        json.raw(Array(value.description.utf8))
    }

    public func answer(
        to question: EvaluationQuestion, _ body: [UInt8], latencyMicroseconds: Int64
    ) throws(LaneFault) -> DomainEvent {
        let reply = try EvaluateReply(body, to: question)
        return .strategyShadow(
            .strategyShadowEvaluated(
                StrategyShadowEvaluated(
                    runID: reply.runID, strategyID: question.intent.strategyID, decisionHash: question.decision,
                    intentJSON: CompactJSON(trusted: intent(of: question, isRecord: true)), shadowJSON: reply.raw,
                    parityStatus: reply.status,
                    // The log alone tells: it is filled in when the answer is written.
                    governanceJSON: Governance(
                        promotionReady: false, parityMinimumMet: .unknown, governanceMinimumMet: .unknown),
                    disableSwitchActive: false, authorityMode: reply.authority,
                    latencyMicroseconds: latencyMicroseconds, checksMet: reply.checksMet,
                    definitionHash: question.definition?.hash)))
    }

    public func failure(of question: EvaluationQuestion, _ failed: LaneFailed) -> DomainEvent {
        .strategyShadow(
            .strategyShadowFailed(
                StrategyShadowFailed(
                    runID: Label(trusted: "failed-\(question.eventID)"), strategyID: question.intent.strategyID,
                    decisionHash: question.decision, failureTaxonomy: failed.fault.failure,
                    httpStatus: failed.fault.status, reason: failed.fault.prose,
                    disableSwitchActive: failed.fault.failure == .laneDisabled,
                    latencyMicroseconds: failed.latencyMicroseconds)))
    }
}

/// What the runner said of one evaluation.
struct EvaluateReply {
    let runID: Label
    let status: ParityStatus
    let authority: AuthorityMode
    let checksMet: TriState?
    let raw: CompactJSON

    init(_ body: [UInt8], to question: EvaluationQuestion) throws(LaneFault) {
        let answer = try LaneAnswer(body, within: "governance")
        if let id = answer.text("strategy_id"), id != question.intent.strategyID.text {
            throw .breach("it is about another strategy")
        }
        guard let run = answer.text("run_id") else { throw .breach("it has no run_id") }
        do { runID = try Label(run) } catch { throw .breach("its run_id is no label") }
        guard let mode = answer.text("authority_mode").flatMap(AuthorityMode.init(rawValue:)) else {
            throw .breach("it names no authority_mode that is known")
        }
        guard let told = answer.text("parity_status").flatMap(ParityStatus.init(rawValue:)) else {
            throw .breach("it names no parity_status that is known")
        }
        authority = mode
        status = mode == .deterministicScaffold ? .blockedMissingEmpiricalAuthority : told
        checksMet = answer.text("governance.governance_minimum_met").flatMap(TriState.init(rawValue:))
        raw = answer.compact
    }
}
