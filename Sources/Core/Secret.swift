/// A value that prints as `[redacted]` whoever prints it and however: in text, in a dump, in a failed expectation.
///
/// It is neither comparable nor encodable, so that it leaves only where somebody writes `reveal()`.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    public init(_ value: Value) { self.value = value }

    /// The value itself.
    ///
    /// Whoever calls this answers for where it goes.
    public func reveal() -> Value { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "[redacted]" }
    public var debugDescription: String { "[redacted]" }
    /// Without a mirror of its own, `dump` would walk into the stored value.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
