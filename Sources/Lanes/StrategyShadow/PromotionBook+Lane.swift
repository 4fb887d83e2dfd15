public import Core
public import Domain

/// The shadow of strategies, as a lane.
extension PromotionBook: LaneBook {
    public static let topics = [
        TopicCatalog.orderIntents, TopicCatalog.strategyShadow, TopicCatalog.leanShadow, TopicCatalog.control,
    ]

    public mutating func takeQuestions(at now: Timestamp) -> (questions: [EvaluationQuestion], tooOld: Int) {
        let (intents, tooOld) = takeUnanswered(at: now)
        return (intents.compactMap { EvaluationQuestion($0, record(of:)) }, tooOld)
    }

    public mutating func takeVerdicts(at now: Timestamp) -> [LaneVerdict] { [] }

    /// Whether the strategy may be promoted follows from all its evaluations, this one included.
    public func completed(_ answer: DomainEvent) -> DomainEvent {
        guard case .strategyShadow(.strategyShadowEvaluated(var event)) = answer else { return answer }
        event.governanceJSON = governance(with: event)
        return .strategyShadow(.strategyShadowEvaluated(event))
    }
}

/// One intent that is to be evaluated, with the definition its strategy was enabled with.
public struct EvaluationQuestion: LaneQuestion {
    public let account: AccountLabel
    public let decision: DecisionHash
    public let intent: EvaluatedIntent.Question
    public let definition: CompactJSON?

    public var symbol: Symbol { intent.symbol }
    public var story: StoryID { intent.story }
    public var eventID: EventID { intent.eventID }
    public var cause: Cause { intent.cause }

    init?(_ row: EvaluatedIntent, _ record: (StrategyID) -> PromotionRecord) {
        guard let intent = row.question else { return nil }
        account = row.account
        decision = row.decision
        self.intent = intent
        definition = record(intent.strategyID).definition
    }
}
