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

    /// The decision's own quote counts when it is sound, was there at the decision, and was young enough; else the
    /// tape's does, to which the same applies.
    public func prepared(_ question: ShadowQuestion) async throws(LaneFault) -> ShadowQuestion {
        var question = question
        let moment = question.intent.decidedAt
        if let quote = question.quote, quote.isSound, quote.wasThere(at: moment, within: quoteMaximumAge) {
            return question
        }
        question.quote = try await tape?.quote(of: question.symbol, at: moment, within: quoteMaximumAge)
        return question
    }

    /// How much an order by money buys is not known without a price: that is no fault of the runner's.
    public func answerUnasked(_ question: ShadowQuestion) -> DomainEvent? {
        guard question.qty == nil else { return nil }
        return .shadow(
            .shadowSimulated(
                ShadowSimulated(
                    intentID: question.intent.intentID, decisionHash: question.decision,
                    executionCorrelationID: correlation(of: question), side: question.intent.side,
                    terms: question.intent.terms, intentPrice: question.intent.price,
                    intentNotional: question.intent.notional, parityStatus: .inconclusive,
                    failureTaxonomy: .quoteMissing, authorityMode: .unverifiedReplay, simulationJSON: .emptyObject)))
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
                    simulatorVersion: reply.version,  // A runner that was not given the quote did not simulate with it.
                    referenceQuote: isForeign ? nil : question.quote,
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

extension ReferenceQuote {
    /// Neither one-sided nor crossed.
    var isSound: Bool { bid > .zero && ask >= bid }

    /// No later than this moment, and not too long before it.
    func wasThere(at moment: Timestamp, within age: Duration) -> Bool {
        quoteTime <= moment && moment.since(quoteTime) <= age
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
