public import Core

/// Another value is in force.
public struct FlagChanged: Payload {
    @inlinable public static var type: EventType { .control(.flagChanged) }

    public var order: ControlOrder
    public var name: Label
    public var value: Prose?
    public var previousValue: Prose?
    public var flagSource: FlagSource
    public var configHash: ContentHash

    @inlinable
    public init(
        order: ControlOrder, name: Label, value: Prose? = nil, previousValue: Prose? = nil, flagSource: FlagSource,
        configHash: ContentHash
    ) {
        self.order = order
        self.name = name
        self.value = value
        self.previousValue = previousValue
        self.flagSource = flagSource
        self.configHash = configHash
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        name = unread()
        flagSource = unread()
        configHash = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("name", &name, "The flag or setting.")
        try fields.field("value", &value, "Its value; null when it is unset.")
        try fields.field("previous_value", &previousValue, "What was in force.")
        try fields.field("flag_source", &flagSource, "Where it comes from.")
        try fields.field("config_hash", &configHash, "What the whole configuration hashes to now.")
    }
}
