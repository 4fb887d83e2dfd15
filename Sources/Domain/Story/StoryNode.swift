public import Core

/// One line of a story: an event, where it lies, how long after its cause it came, and what followed from it.
public struct StoryNode: Sendable, Equatable {
    /// How it belongs to the one above it.
    public enum Role: String, Sendable {
        /// It followed from it.
        case followed
        /// It is what that one followed from: a gate's or an operator's word.
        case reason
        /// It was in force when that one was judged.
        case inForce = "in_force"
        /// The broker's own message, of which nothing was said.
        case unread
    }

    public let type: String
    public let role: Role
    public let place: RecordPosition
    public let repeated: [RecordPosition]
    public let id: EventID?
    public let at: Timestamp
    public let source: String?
    /// From the one above to this one; negative where this came first.
    public let latencyMicroseconds: Int64?
    public let cause: Cause?
    public let facts: [StoryFact]
    public internal(set) var children: [StoryNode]

    /// This line and all below it, from above.
    public var lines: [StoryNode] { [self] + children.flatMap(\.lines) }
}

/// Whether a story is whole.
public enum StoryVerdict: String, Sendable {
    /// It ended, and nothing is missing.
    case complete
    /// Nothing is missing so far, and it goes on.
    case open
    /// Something is missing.
    case incomplete
}

/// A story as it is told: its names, its lines and what is missing.
public struct StoryAccount: Sendable, Equatable {
    public let decisions: [String]
    public let intents: [String]
    public let clientOrderIDs: [String]
    public let brokerOrderIDs: [String]
    public let account: AccountLabel?
    public let symbol: Symbol?
    public let strategy: StrategyID?
    public let verdict: StoryVerdict
    public let holes: [StoryHole]
    public let roots: [StoryNode]

    public var lines: [StoryNode] { roots.flatMap(\.lines) }

    public init(_ story: Story) {
        let own = StoryOwnIDs(story)
        decisions = own.decisions
        intents = own.intents
        clientOrderIDs = own.clients
        brokerOrderIDs = own.brokers
        let ours = story.told.filter { $0.type.family.needsSymbol }
        account = ours.lazy.compactMap(\.event.envelope.account).first
        symbol = ours.lazy.compactMap(\.event.envelope.symbol).first
        strategy = ours.lazy.compactMap(\.event.content.strategyOfDecision).first
        holes = story.holes
        verdict = story.verdict
        roots = StoryTree(story).roots
    }
}

extension Story {
    /// What is missing, in the order of the links.
    public var holes: [StoryHole] { HoleFinder.holes(of: self) }

    public var verdict: StoryVerdict {
        if !holes.isEmpty { return .incomplete }
        return isClosed ? .complete : .open
    }

    /// Whether nothing more has to come, however long one waits.
    public var isClosed: Bool {
        var story = self
        story.asked = .latest
        return !story.isEmpty && story.holes.isEmpty
    }

    /// When the last record of it was taken in.
    public var lastTakenIn: Timestamp {
        max(told.last?.takenIn ?? .earliest, messages.map(\.takenIn).max() ?? .earliest)
    }

    /// When the first one was.
    public var firstTakenIn: Timestamp {
        min(told.first?.takenIn ?? .latest, messages.map(\.takenIn).min() ?? .latest)
    }
}

/// The ids of an order, by what they are.
private struct StoryOwnIDs {
    var decisions: [String] = []
    var intents: [String] = []
    var clients: [String] = []
    var brokers: [String] = []

    init(_ story: Story) {
        for told in story.told { take(told.event) }
    }

    private static func add(_ text: String?, to list: inout [String]) {
        if let text, !list.contains(text) { list.append(text) }
    }

    private mutating func take(_ event: Event) {
        for fact in FactCollector.facts(of: event) {
            guard case .text(let text) = fact.value else { continue }
            switch fact.name.split(separator: ".").last.map(String.init) {
            case "decision_hash": Self.add(text, to: &decisions)
            case "intent_id": Self.add(text, to: &intents)
            case "client_order_id", "new_client_order_id": Self.add(text, to: &clients)
            case "alpaca_order_id", "new_alpaca_order_id": Self.add(text, to: &brokers)
            default: break
            }
        }
    }
}

extension DomainEvent {
    var strategyOfDecision: StrategyID? {
        switch self {
        case .decisions(.decisionRecorded(let event)): event.strategyID
        case .intents(.intentEmitted(let event)): event.strategyID
        case .intents(.decisionRejected(let event)): event.strategyID
        case .intents(.decisionBlocked(let event)): event.strategyID
        default: nil
        }
    }
}
