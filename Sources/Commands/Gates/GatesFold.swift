public import Core
public import Domain

/// All that the gates judge from: a fold of control.v1 and of every partition of route.v1 and order-events.v1.
public struct GatesFold: Snapshot {
    public static let foldName = "torghut.gates.4+\(BreakerFold.foldName)"

    public private(set) var breaker = BreakerFold()
    public private(set) var control = ControlState()

    public init() {}

    public static let types: Set<EventType> = Set(
        Control.Kind.allCases.map(EventType.control) + OrderEvents.Kind.allCases.map(EventType.orderEvents)
            + [Route.Kind.attemptPrepared, .attemptAccepted, .attemptRejected, .attemptUnknown].map(EventType.route))

    public static let sources: [TopicPartition] = [
        TopicCatalog.control, TopicCatalog.route, TopicCatalog.orderEvents,
    ].flatMap { topic in
        (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
    }

    public mutating func fold(_ event: Event, at place: RecordPosition, under policy: GatePolicy) {
        if case .control(let content) = event.content { control.fold(content, event.envelope, at: place.offset) }
        breaker.fold(event, at: LogPosition(place), under: policy)
    }

    public func write(to writer: inout StateWriter) {
        breaker.write(to: &writer)
        var control = control
        control.walk(&writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        breaker = try BreakerFold(from: &reader)
        control = try ControlState.filled(by: &reader)
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
