/// JSON that somebody else wrote and we only keep: one value as text, without white space, otherwise as it came.
///
/// Numbers keep their digits and objects their order, so its bytes can be hashed and compared.
public struct CompactJSON: Hashable, Sendable, Blank {
    public let bytes: [UInt8]

    /// A raw order has some 2 KiB; what is larger than this does not belong into an event.
    public static let maximumBytes = 512 << 10

    /// The caller vouches that these bytes are one JSON value without white space between its tokens: `Domain` cannot
    /// check it.
    ///
    /// Text from outside comes through `Wire`, which does.
    @inlinable public init(trusted bytes: [UInt8]) { self.bytes = bytes }

    @inlinable public init(unread: Unread) { bytes = [] }

    public static let emptyObject = CompactJSON(trusted: Array("{}".utf8))
}

extension CompactJSON: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
