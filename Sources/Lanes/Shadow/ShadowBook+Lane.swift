public import Core
public import Domain

/// The shadow of live orders, as a lane.
extension ShadowBook: LaneBook {
    public static let topics = [
        TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents, TopicCatalog.leanShadow,
        TopicCatalog.control,
    ]

    public mutating func takeQuestions(at now: Timestamp) -> (questions: [ShadowQuestion], tooOld: [ShadowQuestion]) {
        let (intents, tooOld) = takeUnanswered(at: now)
        return (intents.compactMap(ShadowQuestion.init), tooOld.compactMap(ShadowQuestion.init))
    }

    public mutating func takeVerdicts(at now: Timestamp) -> [LaneVerdict] {
        takeJudgements(at: now).compactMap { intent, judged in
            guard let question = intent.question else { return nil }
            return LaneVerdict(
                account: intent.account, symbol: question.symbol, story: question.story,
                causation: judged.simulatedEventID, name: ("\(question.eventID)", "parity/\(judged.revision)"),
                content: .shadow(.shadowParityJudged(judged)))
        }
    }

    public func completed(_ answer: Event) -> DomainEvent { answer.content }
}

/// One live intent that is to be simulated, with the quote it was decided on.
public struct ShadowQuestion: LaneQuestion {
    public let account: AccountLabel
    public let decision: DecisionHash
    public let intent: ShadowedIntent.Question
    public var quote: ReferenceQuote?

    public var symbol: Symbol { intent.symbol }
    public var story: StoryID { intent.story }
    public var eventID: EventID { intent.eventID }
    public var cause: Cause { intent.cause }

    init?(_ row: ShadowedIntent) {
        guard let intent = row.question else { return nil }
        account = row.account
        decision = row.decision
        self.intent = intent
        quote = intent.quote
    }

    /// What is asked for; an order by money alone gets as much as that buys at the quote.
    var qty: Amount? {
        if let qty = intent.terms.qty { return qty }
        guard let notional = intent.terms.notional ?? intent.notional else { return nil }
        let touch = intent.side == .buy ? quote?.ask : quote?.bid
        guard let price = touch ?? intent.price, price > .zero else { return nil }
        return ExactQuotient.of(notional.units, times: UInt128(Amount.unitsPerOne), over: price.units)
            .map(Amount.init(units:))
    }
}
