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
    private(set) var unfinished: [Life] = []
    /// By their orders, lives that changed since somebody asked; `nil` where one is over.
    private var touched: [Int: Life?] = [:]
    var dice = Dice(seed: 1)
    /// What is on its way to the stream.
    var post = LifePost()
    /// Steps each second; none is as fast as it goes.
    var pace = 1_000
    /// So many are in motion at a time; the others wait.
    var width = 2_000
    var orders = 0
    var stepsTaken = 0

    /// So many requests are putting orders on the books; nothing moves before all of theirs stand there.
    var beginnings = 0

    /// Which life moves next.
    mutating func pick() -> Int? {
        guard !unfinished.isEmpty, beginnings == 0 else { return nil }
        return Int(dice.next() % UInt64(min(width, unfinished.count)))
    }

    mutating func begin(_ life: Life) {
        touched.updateValue(life, forKey: life.place)
        unfinished.append(life)
        orders += 1
    }

    mutating func keep(_ life: Life, at place: Int) {
        touched.updateValue(life, forKey: life.place)
        unfinished[place] = life
    }

    mutating func finish(_ place: Int) {
        touched.updateValue(nil, forKey: unfinished[place].place)
        unfinished.swapAt(place, unfinished.count - 1)
        unfinished.removeLast()
    }

    /// The orders whose lives changed, and what is before each.
    mutating func takeChanges() -> [(order: Int, life: Life?)] {
        guard !touched.isEmpty else { return [] }
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var hasChanged: Bool { !touched.isEmpty }

    mutating func touchAll() { for life in unfinished { touched.updateValue(life, forKey: life.place) } }

    /// Takes rows of the books; what is left at the last one goes on with `goOn`.
    mutating func restore(_ rows: [(order: Int, life: Life?)], orders: Int, steps: Int) {
        for row in rows { touched.updateValue(row.life, forKey: row.order) }
        (self.orders, stepsTaken) = (orders, steps)
    }

    mutating func goOn() { unfinished = takeChanges().compactMap(\.life) }
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
