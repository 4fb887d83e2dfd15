/// The lives that orders have: what was planned for each, and how far it has come.
struct SimLives: Sendable {
    struct Life: Sendable {
        /// Of its order.
        let place: Int
        /// How many orders it replaces, one behind the other.
        let chain: Int
        var steps: ArraySlice<LifeStep>
        let chances: LifeChances
        var dice: Dice
    }

    /// Lives that have something before them.
    var unfinished: [Life] = []
    var dice = Dice(seed: 1)
    /// What is on its way to the stream.
    var post = LifePost()
    /// Steps each second; none is as fast as it goes.
    var pace = 1_000
    /// So many are in motion at a time; the others wait.
    var width = 2_000
    var orders = 0
    var stepsTaken = 0

    /// Which life moves next.
    mutating func pick() -> Int? {
        guard !unfinished.isEmpty else { return nil }
        return Int(dice.next() % UInt64(min(width, unfinished.count)))
    }

    mutating func finish(_ place: Int) {
        unfinished.swapAt(place, unfinished.count - 1)
        unfinished.removeLast()
    }
}

/// Delays and doubles what is told, as a network does; nothing is lost here.
struct LifePost: Sendable {
    private var held: [(update: TradeUpdate, due: Int)] = []
    private(set) var count = 0

    var isEmpty: Bool { held.isEmpty }

    /// A late message comes up to so many messages later.
    static let farthest = 64

    mutating func take(_ updates: [TradeUpdate], _ chances: LifeChances, _ dice: inout Dice) -> [TradeUpdate] {
        var told: [TradeUpdate] = []
        for update in updates {
            count += 1
            if dice.hits(chances.duplicate) { hold(update, &dice) }
            if dice.hits(chances.late) { hold(update, &dice) } else { told.append(update) }
        }
        told += held.filter { $0.due <= count }.map(\.update)
        held.removeAll { $0.due <= count }
        return told
    }

    mutating func flush() -> [TradeUpdate] {
        defer { held = [] }
        return held.map(\.update)
    }

    private mutating func hold(_ update: TradeUpdate, _ dice: inout Dice) {
        held.append((update, count + Int(dice.next() % UInt64(Self.farthest))))
    }
}
