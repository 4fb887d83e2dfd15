public import Core

extension Identifier: Blank, FieldText {
    public static var form: TextForm { .name(maximumBytes: Kind.maximumBytes) }
    @inlinable public static var isPlain: Bool { false }
    @inlinable public init(unread: Unread) { self = .blank }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Identifier {
        do { return try Identifier(utf8: text) } catch { throw FieldFault(error.description) }
    }

    @inlinable
    public static func read(_ text: RawSpan, recalling names: KnownNames.Lent) throws(FieldFault) -> Identifier {
        guard text.byteCount <= Kind.maximumBytes else { return try read(text) }
        return Identifier(trusted: try names.text(text) { () throws(FieldFault) in try read(text).text })
    }

    @inlinable public func append(to text: inout [UInt8]) { text.append(contentsOf: self.text.utf8) }
    @inlinable public var heldText: String? { text }
}
