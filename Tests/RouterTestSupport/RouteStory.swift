internal import Commands
public import Core
public import Domain
import Folding

/// The whole log as a router would fold it, read by somebody else: what became of each intent, and every route event.
public final class RouteStory {
    private let follower: LogFollower<EventReading>
    private let timing: RoutingPolicy.Timing
    private var states: [Int32: RouterState] = [:]
    public private(set) var intents: [IntentID: IntentEmitted] = [:]
    public private(set) var route: [Route] = []
    private var routeByIntent: [IntentID: [Route]] = [:]
    public private(set) var envelopes: [Envelope] = []
    public private(set) var control: [Control] = []
    /// Decisions that were answered, in whatever way.
    public private(set) var answers = 0

    public nonisolated(nonsending) static func open(
        _ log: any EventLog, partitions: some Sequence<Int32> = 0..<12,
        _ timing: RoutingPolicy.Timing = RoutingPolicy.Timing()
    ) async throws -> RouteStory {
        let sources =
            [TopicPartition(TopicCatalog.control.name, 0)]
            + partitions.flatMap { partition in
                [TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents].map {
                    TopicPartition($0.name, partition)
                }
            }
        return RouteStory(
            try await LogFollower.open(log, sources) { EventReading(wanting: Set(EventType.allCases)) }, timing)
    }

    private init(_ follower: LogFollower<EventReading>, _ timing: RoutingPolicy.Timing) {
        self.follower = follower
        self.timing = timing
    }

    /// Takes in what came; false when nothing did.
    @discardableResult
    public nonisolated(nonsending) func read(waiting limit: Duration = .milliseconds(50)) async throws -> Bool {
        let batch = try await follower.next(waiting: limit)
        for record in batch {
            guard case .fact(let event) = record.content else { continue }
            let source = batch.source(of: record)
            if case .intents(.intentEmitted(let intent)) = event.content { intents[intent.intentID] = intent }
            if case .intents = event.content { answers += 1 }
            if case .route(let route) = event.content {
                self.route.append(route)
                if let id = route.intentID { routeByIntent[id, default: []].append(route) }
                envelopes.append(event.envelope)
            }
            if case .control(let control) = event.content { self.control.append(control) }
            guard source.topic != TopicCatalog.control.name else { continue }
            let cause = Cause(topic: source.topic, partition: source.partition, offset: record.offset)
            states[source.partition, default: RouterState()].fold(event, at: cause, under: timing)
        }
        return !batch.isEmpty
    }

    /// Everything that is there now.
    public nonisolated(nonsending) func readAll() async throws {
        repeat { try await read() } while !follower.isCaughtUp
        while try await read(waiting: .milliseconds(1)) {}
    }

    public nonisolated(nonsending) func close() async { await follower.close() }

    public subscript(id: IntentID) -> RoutedIntent? { states.values.lazy.compactMap { $0[id] }.first }

    /// Where its story ended, as far as the router can tell it.
    public func ending(of id: IntentID) -> Ending {
        guard let intent = self[id] else { return .none }
        if intent.replacement != nil || intent.cancel != nil { return .none }
        switch intent.phase {
        case .working: return .live
        case .over:
            if intent.order != nil { return .live }
            return .nothingLive
        case .unknown, .waiting, .refused: return intent.hold?.isExceeded == true ? .held : .none
        case .attempting: return .none
        }
    }

    public enum Ending: Sendable, Equatable {
        /// Nothing is proved yet, and nothing says what it waits for.
        case none
        /// The broker has, or had, the order.
        case live
        /// It is proved that nothing is live.
        case nothingLive
        /// It waits, and the log says for what, and that it is too long.
        case held
    }

    /// Whether so many intents are there, and each has an ending.
    public func isSettled(_ count: Int) -> Bool {
        intents.count >= count && intents.keys.allSatisfy { ending(of: $0) != .none }
    }

    /// Whether so many intents are there, and of each it is known what became of it.
    public func isFinal(_ count: Int) -> Bool {
        intents.count >= count
            && intents.keys.allSatisfy { id in
                let ending = ending(of: id)
                return ending == .live || ending == .nothingLive
            }
    }

    public var openCount: Int { states.values.reduce(0) { $0 + $1.openCount } }

    public func attempts(of id: IntentID) -> [AttemptPrepared] {
        routeByIntent[id, default: []].compactMap {
            if case .attemptPrepared(let prepared) = $0 { prepared } else { nil }
        }
    }

    /// The names of an intent's route events, in the order of the log.
    public func kinds(of id: IntentID) -> [String] {
        routeByIntent[id, default: []].map { String($0.kind.rawValue.dropFirst("route.".count)) }
    }
}
