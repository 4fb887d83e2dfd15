public import Core

/// One of the parameters that a strategy declares as part of a decision's identity.
public struct IdentityParameter: FieldRecord {
    public var name: Label
    public var value: Label

    @inlinable
    public init(name: Label, value: Label) {
        self.name = name
        self.value = value
    }

    @inlinable
    public init(unread: Unread) {
        name = unread()
        value = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("name", &name, "Its name.")
        try fields.field("value", &value, FieldNote("Its value; a decimal in canonical text.", example: "190.2"))
    }
}
