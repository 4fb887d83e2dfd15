public import Core

/// Which words of control were in force at a position: a fold over the topic, in its order.
///
/// Of each thing that can be said the last word counts, so it holds as many words as there are things.
public struct StoryControl: Sendable {
    /// A thing about which control has one last word.
    private struct Matter: Hashable, Comparable {
        let text: String
        static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    }

    public static let maximumMatters = 4_096

    private let symbol: Symbol?
    private let strategy: StrategyID?
    private var last: [Matter: StoryRecord] = [:]

    /// Of reviews only those of this symbol count, of strategies only this one.
    public init(symbol: Symbol?, strategy: StrategyID?) {
        self.symbol = symbol
        self.strategy = strategy
    }

    public mutating func fold(_ event: Event, at place: RecordPosition) {
        guard case .control(let word) = event.content, let matter = matter(of: word) else { return }
        let slot = Matter(text: matter)
        guard last[slot] != nil || last.count < Self.maximumMatters else { return }
        last[slot] = StoryRecord(.event(event), at: place)
    }

    /// The words in force now, sorted.
    public var inForce: [StoryRecord] { last.values.sorted { $0.place < $1.place } }

    private func matter(of word: Control) -> String? {
        switch word {
        case .killSwitchEngaged, .killSwitchReleased: return "kill"
        case .emergencyStopLatched, .emergencyStopCleared: return "stop"
        case .laneDisabled(let word): return "lane:\(word.lane.rawValue)"
        case .laneEnabled(let word): return "lane:\(word.lane.rawValue)"
        case .policyChanged(let word): return "policy:\(word.name.text)"
        case .flagChanged(let word):
            // Where readers stand is kept as flags too, and no order was judged by it.
            return word.name.text.hasPrefix("feed_position/") ? nil : "flag:\(word.name.text)"
        case .symbolReviewOpened(let word): return word.symbol == symbol ? "review" : nil
        case .symbolReviewClosed(let word): return word.symbol == symbol ? "review" : nil
        case .breakerJudged(let word): return "breaker:\(word.adapter.rawValue)"
        case .runnerHealthObserved(let word): return "health:\(word.order.scope)"
        case .strategyEnabled(let word): return word.strategyID == strategy ? "strategy" : nil
        case .strategyDisabled(let word): return word.strategyID == strategy ? "strategy" : nil
        case .killSwitchObserved, .overrideGranted, .quarantineReleased, .quarantineSkipped, .quarantinePatched,
            .streamLeaseTaken, .canaryEvaluated:
            return nil
        }
    }
}

extension Story {
    /// The positions of control at which something of this story was judged.
    public var judgedAt: [Int64] {
        var offsets: Set<Int64> = []
        for told in told {
            switch told.event.content {
            case .intents(.intentEmitted(let said)): offsets.formUnion(said.judgement.control)
            case .intents(.decisionRejected(let said)): offsets.formUnion(said.judgement.control)
            case .intents(.decisionBlocked(let said)): offsets.formUnion(said.judgement.control)
            case .route(.attemptPrepared(let said)):
                if let place = said.controlPosition { offsets.insert(place.offset) }
            default: break
            }
        }
        return offsets.sorted()
    }
}

extension Judgement {
    fileprivate var control: [Int64] {
        judgedAt.filter { $0.topic.text == TopicCatalog.control.name }.map(\.offset)
    }
}
