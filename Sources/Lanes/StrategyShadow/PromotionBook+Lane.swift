public import Core
public import Domain

/// The shadow of strategies, as a lane.
extension PromotionBook: LaneBook {
    public static let topics = [
        TopicCatalog.orderIntents, TopicCatalog.strategyShadow, TopicCatalog.leanShadow, TopicCatalog.control,
    ]

    public mutating func takeQuestions(
        at now: Timestamp
    ) -> (questions: [EvaluationQuestion], tooOld: [EvaluationQuestion]) {
        let (intents, tooOld) = takeUnanswered(at: now)
        return (
            intents.compactMap { EvaluationQuestion($0, definition(of:)) },
            tooOld.compactMap { EvaluationQuestion($0, definition(of:)) }
        )
    }

    public mutating func takeVerdicts(at now: Timestamp) -> [LaneVerdict] { [] }

    /// Whether the strategy may be promoted follows from all its evaluations, this one included.
    public func completed(_ answer: Event) -> DomainEvent {
        guard case .strategyShadow(.strategyShadowEvaluated(var event)) = answer.content,
            let account = answer.envelope.account
        else { return answer.content }
        event.governanceJSON = governance(with: event, on: account)
        return .strategyShadow(.strategyShadowEvaluated(event))
    }
}

/// One intent that is to be evaluated, with the definition its strategy was enabled with.
public struct EvaluationQuestion: LaneQuestion {
    public let account: AccountLabel
    public let decision: DecisionHash
    public let intent: EvaluatedIntent.Question
    public let definition: StrategyDefinition?

    public var symbol: Symbol { intent.symbol }
    public var story: StoryID { intent.story }
    public var eventID: EventID { intent.eventID }
    public var cause: Cause { intent.cause }

    init?(_ row: EvaluatedIntent, _ definition: (StrategyID) -> StrategyDefinition?) {
        guard let intent = row.question else { return nil }
        account = row.account
        decision = row.decision
        self.intent = intent
        self.definition = definition(intent.strategyID)
    }
}
