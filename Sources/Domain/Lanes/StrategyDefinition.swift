public import Core

/// What a strategy was enabled with last.
public struct StrategyDefinition: FieldRecord {
    public internal(set) var strategyID: StrategyID
    public internal(set) var hash: ContentHash?
    public internal(set) var json: CompactJSON?

    init(_ event: StrategyEnabled) {
        strategyID = event.strategyID
        hash = event.definitionHash
        json = event.definitionJSON
    }

    public init(unread: Unread) { strategyID = unread() }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("strategy_id", &strategyID, "Which.")
        try fields.field("definition_hash", &hash, "What it hashes to.")
        try fields.field("definition_json", &json, "Universe, limits, parameters.")
    }
}
