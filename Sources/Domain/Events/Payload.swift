/// A record that stands on its own under a version: what happened, without where and when.
///
/// A version is one shape of fields that readers outside hold us to. Fields may be added to it when they are
/// optional; anything else makes a new version, and the old shape stays here as `Older`.
public protocol Versioned: FieldRecord {
    /// The shape before this one, or `NoOlder`.
    associatedtype Older: Versioned = NoOlder

    /// Versions that have this shape. The last is written.
    static var versions: ClosedRange<Int64> { get }

    /// The upcaster: the same fact in this shape.
    init(upcasting older: Older)
}

extension Versioned {
    @inlinable public static var versions: ClosedRange<Int64> { 1...1 }
    @inlinable public static var currentVersion: Int64 { versions.upperBound }
}

extension Versioned where Older == NoOlder {
    @inlinable public init(upcasting older: NoOlder) { preconditionFailure("there is no older shape") }
}

/// Stands before the first shape; nothing is ever read into it.
public struct NoOlder: Versioned {
    public typealias Older = NoOlder

    @inlinable public static var versions: ClosedRange<Int64> { 0...0 }
    @inlinable public init(unread: Unread) {}
    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {}
}

/// What an event says happened.
public protocol Payload: Versioned {
    static var type: EventType { get }
}

/// Where the payload of an event comes from: a decoder, a generator.
public protocol PayloadSource: ~Copyable, ~Escapable {
    associatedtype Failure: Error

    mutating func payload<Content: Payload>() throws(Failure) -> Content
}

/// Who looks at the payload of an event as what it is: an encoder, a fold.
public protocol PayloadViewer: ~Copyable, ~Escapable {
    associatedtype Failure: Error

    mutating func view<Content: Payload>(_ payload: Content) throws(Failure)
}
