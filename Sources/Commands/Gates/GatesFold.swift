public import Core
public import Domain

/// All that the gates judge from: a fold of control, canary, and every partition of intents, route, order events and
/// shadows.
public struct GatesFold: Snapshot {
    public static let foldName = "torghut.gates.6+\(BreakerFold.foldName)+\(CanaryFold.foldName)"

    public private(set) var breaker = BreakerFold()
    public private(set) var control = ControlState()
    public private(set) var canary = CanaryFold()
    public private(set) var incidents = CanaryIncidents()
    public private(set) var rollbacks = RollbackFold()

    public init() {}

    public static let types: Set<EventType> = Set(
        Control.Kind.allCases.map(EventType.control) + OrderEvents.Kind.allCases.map(EventType.orderEvents)
            + Canary.Kind.allCases.map(EventType.canary)
            + [Route.Kind.cancelRequested, .cancelConfirmed, .cancelRefused].map(EventType.route)
    ).union(CanaryFold.types)

    public static let sources: [TopicPartition] = [
        TopicCatalog.control, TopicCatalog.canary, TopicCatalog.route, TopicCatalog.orderEvents,
        TopicCatalog.orderIntents, TopicCatalog.leanShadow,
    ].flatMap { topic in
        (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
    }

    public mutating func fold(_ event: Event, at place: RecordPosition, under policy: GatePolicy) {
        if case .control(let content) = event.content { control.fold(content, event.envelope, at: place.offset) }
        let position = LogPosition(place)
        switch event.content {
        case .control, .route, .orderEvents:
            breaker.fold(event, at: position, under: policy)
            canary.fold(event, at: position, keeping: policy.canary.remembered)
            rollbacks.fold(event)
        case .intents, .shadow: canary.fold(event, at: position, keeping: policy.canary.remembered)
        case .canary(let said): incidents.fold(said, event.envelope, at: place.offset)
        case .decisions, .account, .strategyShadow, .backtests, .heartbeats, .quarantine: break
        }
    }

    public func write(to writer: inout StateWriter) {
        breaker.write(to: &writer)
        var control = control
        control.walk(&writer)
        canary.write(to: &writer)
        var (incidents, rollbacks) = (incidents, rollbacks)
        incidents.walk(&writer)
        rollbacks.walk(&writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        breaker = try BreakerFold(from: &reader)
        control = try ControlState.filled(by: &reader)
        canary = try CanaryFold(from: &reader)
        incidents = try CanaryIncidents.filled(by: &reader)
        rollbacks = try RollbackFold.filled(by: &reader)
    }
}

extension LogPosition {
    /// Names of topics that are on the log keep the rules of names.
    init(_ place: RecordPosition) {
        self.init(
            topic: TopicName(trusted: place.source.topic), partition: Int64(place.source.partition),
            offset: place.offset)
    }
}
