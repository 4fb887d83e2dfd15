/// A struct whose fields are listed once: an event's payload, or an object inside one.
public protocol FieldRecord: Sendable, Equatable, Blank {
    /// Visits every field, always all of them and always in the same order.
    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(_ fields: inout Walker) throws(Walker.Failure)
}

extension FieldRecord {
    /// The record that a walker fills.
    @inlinable
    public static func filled<Walker: FieldWalker & ~Copyable & ~Escapable>(
        by fields: inout Walker
    ) throws(Walker.Failure) -> Self {
        var record = Self(unread: Unread())
        try record.walk(&fields)
        return record
    }
}

/// A type that can hold the place of a value that is about to be read.
public protocol Blank {
    init(unread: Unread)
}

/// The right to make a place holder.
///
/// Only a walker that fills a record has it: place holders are no values, and must never be seen.
public struct Unread: Sendable {
    @usableFromInline init() {}

    @inlinable public func callAsFunction<Value: Blank>() -> Value { Value(unread: self) }
}

extension Int64: Blank {
    @inlinable public init(unread: Unread) { self = 0 }
}

extension Bool: Blank {
    @inlinable public init(unread: Unread) { self = false }
}

extension Optional: Blank {
    @inlinable public init(unread: Unread) { self = nil }
}

extension Array: Blank {
    @inlinable public init(unread: Unread) { self = [] }
}
