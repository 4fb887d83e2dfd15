import Core
import Domain
import TestSupport

@testable import Projections

/// What the naive read models are compared with.
enum ServedProjections {
    static let all = Catalog.all
    static var names: [String] { all.map { $0.name.text } }
    static let ofOrders: [EventFamily] = [.decisions, .intents, .route, .orderEvents]
    static let families =
        ofOrders + [.shadow, .strategyShadow, .backtests, .canary, .control, .control, .quarantine, .account]
}

extension Tale {
    /// Orderly lives of orders, told for a seed.
    static func story(seed: UInt64, orders: Int, hasHoles: Bool = true) -> Tale {
        var tale = Tale(hasHoles: hasHoles)
        for event in StoryTeller(StoryTeller.Settings(seed: seed, orders: orders)) { tale.tell(event) }
        return tale
    }

    /// Anything about anything.
    static func chaos(seed: UInt64, events: Int, hasHoles: Bool = true) -> Tale {
        var tale = Tale(hasHoles: hasHoles)
        let families = seed % 2 == 0 ? ServedProjections.ofOrders : ServedProjections.families
        var chaos = Chaos(seed: seed, families: families)
        for _ in 0..<events {
            let event = chaos.next()
            tale.tell(event)
            // Now and then what nobody can read, among records of the same key.
            if chaos.below(40) == 0 {
                tale.tell(event.content.type.family.topic, key: event.key, Array("{\"a\":".utf8))
            }
        }
        return tale
    }
}
