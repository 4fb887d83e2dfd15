import Core
import Domain
import TestSupport

@testable import Projections

/// What the naive read models are compared with.
enum ServedProjections {
    static let all: [any Projection.Type] = [Executions.self]
    static var names: [String] { all.map { $0.name.text } }
    static let families: [EventFamily] = [.decisions, .intents, .route, .orderEvents]
}

extension Tale {
    /// Orderly lives of orders, told for a seed.
    static func story(seed: UInt64, orders: Int) -> Tale {
        var tale = Tale()
        for event in StoryTeller(StoryTeller.Settings(seed: seed, orders: orders)) { tale.tell(event) }
        return tale
    }

    /// Anything about anything.
    static func chaos(seed: UInt64, events: Int) -> Tale {
        var tale = Tale()
        var chaos = Chaos(seed: seed, families: ServedProjections.families)
        for _ in 0..<events { tale.tell(chaos.next()) }
        return tale
    }
}
