public import Core

/// All market data of a run in memory, in the order in which it became known.
public struct MarketTape: Sendable {
    public enum Item: Sendable, Equatable {
        case quote(Quote)
        case bar(Bar)

        /// When it could be known: a bar at its close.
        public var time: Timestamp {
            switch self {
            case .quote(let quote): quote.time
            case .bar(let bar): bar.closed
            }
        }

        /// Of one moment, quotes come before bars: the bar ends with them.
        fileprivate var rank: Int {
            switch self {
            case .quote: 0
            case .bar: 1
            }
        }
    }

    public struct Entry: Sendable, Equatable {
        public let symbol: Int
        public let item: Item
    }

    /// Why an item is not taken.
    public enum Refusal: Error, Sendable, Equatable {
        case full(limit: Int)
        case unsound
        case unknownSymbol
    }

    public let symbols: [Symbol]
    public private(set) var entries: [Entry] = []
    /// Of each symbol, whether there are quotes: then they decide what an order gets, and bars only inform.
    public private(set) var isQuoted: [Bool]
    public private(set) var hasBars: [Bool]
    private let limit: Int
    private var isOrdered = true

    /// Takes data of these symbols only, and no more than `limit` items.
    public init(of symbols: [Symbol], limit: Int) {
        self.symbols = symbols
        self.limit = limit
        isQuoted = Array(repeating: false, count: symbols.count)
        hasBars = isQuoted
    }

    public func index(of symbol: Symbol) -> Int? { symbols.firstIndex(of: symbol) }

    public mutating func append(_ item: Item, of symbol: Int) throws(Refusal) {
        guard entries.count < limit else { throw .full(limit: limit) }
        guard symbols.indices.contains(symbol) else { throw .unknownSymbol }
        switch item {
        case .quote(let quote):
            guard quote.isSound else { throw .unsound }
            isQuoted[symbol] = true
        case .bar(let bar):
            guard bar.isSound else { throw .unsound }
            hasBars[symbol] = true
        }
        let entry = Entry(symbol: symbol, item: item)
        if let last = entries.last, Self.precedes(entry, last) { isOrdered = false }
        entries.append(entry)
    }

    /// Puts everything in order of time; what is equal stays in the order it was read.
    public mutating func arrange() {
        guard !isOrdered else { return }
        // Positions are compared last, so the order is total and the sort need not be stable.
        let order = entries.indices.sorted { left, right in
            if Self.precedes(entries[left], entries[right]) { return true }
            return !Self.precedes(entries[right], entries[left]) && left < right
        }
        entries = order.map { entries[$0] }
        isOrdered = true
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        (left.item.time, left.item.rank, left.symbol) < (right.item.time, right.item.rank, right.symbol)
    }
}
