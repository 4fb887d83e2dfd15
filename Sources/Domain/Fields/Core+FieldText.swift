public import Core

extension Amount: FieldText {
    public static var form: TextForm { .decimal }
    @inlinable public static var isPlain: Bool { true }
    @inlinable public init(unread: Unread) { self = .zero }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Amount {
        do { return try Amount(utf8: text) } catch { throw FieldFault(error.description) }
    }
}

extension Timestamp: FieldText {
    public static var form: TextForm { .time }
    @inlinable public static var isPlain: Bool { true }
    @inlinable public init(unread: Unread) { self = .epoch }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Timestamp {
        do { return try Timestamp(utf8: text) } catch { throw FieldFault(error.description) }
    }
}

extension Identifier: Blank, FieldText {
    public static var form: TextForm { .name(maximumBytes: Kind.maximumBytes) }
    @inlinable public static var isPlain: Bool { false }
    @inlinable public init(unread: Unread) { self = .blank }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Identifier {
        do { return try Identifier(utf8: text) } catch { throw FieldFault(error.description) }
    }

    @inlinable public func write(to text: inout [UInt8]) { text.append(contentsOf: self.text.utf8) }
}
