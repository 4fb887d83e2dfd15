public import Core
public import Domain
internal import Wire

/// How live intents are simulated: the runner gets the quote of the decision, and nothing it could trade with.
public struct ShadowCraft: LaneCraft {
    public typealias Book = ShadowBook

    public let name = "shadow"
    public let path = "/v1/shadow/simulate"
    /// Where quotes are found that a decision did not bring along; `nil` where nobody records any.
    private let tape: QuoteTape?
    private let quoteMaximumAge: Duration
    /// A runner that is not ours refuses fields that the original's contract does not have.
    private let isForeign: Bool

    public init(tape: QuoteTape?, quoteMaximumAge: Duration, isForeign: Bool = false) {
        self.tape = tape
        self.quoteMaximumAge = quoteMaximumAge
        self.isForeign = isForeign
    }

    public func accompany() async { await tape?.follow() }

    public func correlation(of question: ShadowQuestion) -> CorrelationID {
        // Unlike the order's own: who reads the runner's log tells them apart.
        CorrelationID(trusted: "torghut-shadow-\(question.intent.intentID)")
    }

    public func prepared(_ question: ShadowQuestion) async -> ShadowQuestion {
        guard question.quote == nil, let tape else { return question }
        var question = question
        question.quote = await tape.quote(
            of: question.symbol, at: question.intent.decidedAt, within: quoteMaximumAge)
        return question
    }

    public func body(of question: ShadowQuestion) -> [UInt8] { SimulateBody.of(question, isForeign: isForeign) }

    public func answer(
        to question: ShadowQuestion, _ body: [UInt8], latencyMicroseconds: Int64
    ) throws(LaneFault) -> DomainEvent {
        let reply = try SimulateReply(body, to: question)
        return .shadow(
            .shadowSimulated(
                ShadowSimulated(
                    intentID: question.intent.intentID, decisionHash: question.decision,
                    executionCorrelationID: correlation(of: question), side: question.intent.side,
                    terms: question.intent.terms, intentPrice: question.intent.price,
                    intentNotional: question.intent.notional, simulatedFillPrice: reply.price,
                    simulatedSlippageBps: reply.slippage, parityStatus: reply.status,
                    failureTaxonomy: reply.failure, authorityMode: reply.authority, blockingReason: reply.blocking,
                    simulatorVersion: reply.version, referenceQuote: question.quote,
                    latencyMicroseconds: latencyMicroseconds, simulationJSON: reply.raw)))
    }

    public func failure(of question: ShadowQuestion, _ failed: LaneFailed) -> DomainEvent {
        .shadow(
            .shadowFailed(
                ShadowFailed(
                    intentID: question.intent.intentID, decisionHash: question.decision,
                    executionCorrelationID: correlation(of: question), failureTaxonomy: failed.fault.failure,
                    httpStatus: failed.fault.status, reason: failed.fault.prose, attempt: failed.tries,
                    latencyMicroseconds: failed.latencyMicroseconds)))
    }
}

extension LaneFault {
    /// The runner's own words where it gave some; they are a stranger's, and are kept short.
    var prose: Prose? {
        let words = LaneAnswer.detail(of: body) ?? reason
        let plain = words.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        do { return try Prose(String(String.UnicodeScalarView(plain.prefix(400)))) } catch { return nil }
    }
}
