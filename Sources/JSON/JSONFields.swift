/// The fields of an object, in the order they were written, repeated names included.
public struct JSONFields: ~Escapable, BitwiseCopyable {
    public let object: JSONValue
    /// Where the next key is, or the end of the object.
    @usableFromInline var index: Int

    @inlinable @inline(__always) @_lifetime(copy object)
    init(_ object: JSONValue) {
        self.object = object
        index = object.index + 1
    }

    @inlinable @inline(__always) public var isAtEnd: Bool { object.sibling(at: index).word >> 56 == 0x7D }

    /// The next field, or `nil` behind the last.
    @inlinable @inline(__always) @_lifetime(copy self)
    public mutating func next() -> JSONField? {
        if isAtEnd { return nil }
        let field = JSONField(key: object.sibling(at: index), value: object.sibling(at: index + 1))
        index = field.value.after
        return field
    }

    /// The next field's value when it has this name; otherwise `nil`, and the field stays the next.
    @inlinable @inline(__always) @_lifetime(copy self)
    public mutating func next(named name: StaticString) -> JSONValue? {
        guard !isAtEnd, object.sibling(at: index).text.equals(name) else { return nil }
        let value = object.sibling(at: index + 1)
        index = value.after
        return value
    }
}

/// A name and its value.
public struct JSONField: ~Escapable, BitwiseCopyable {
    @usableFromInline let key: JSONValue
    public let value: JSONValue

    @inlinable @_lifetime(copy key, copy value)
    init(key: JSONValue, value: JSONValue) {
        self.key = key
        self.value = value
    }

    /// The name's bytes with escapes resolved.
    @inlinable public var nameBytes: RawSpan { @_lifetime(copy self) get { key.text } }

    public var name: String { key.text.copiedString }

    /// Compares without making a string.
    @inlinable @inline(__always) public func isNamed(_ name: StaticString) -> Bool { key.text.equals(name) }
}

/// The elements of an array.
public struct JSONElements: ~Escapable, BitwiseCopyable {
    @usableFromInline var cursor: JSONValue

    @inlinable @_lifetime(copy array)
    init(_ array: JSONValue) { cursor = array.sibling(at: array.index + 1) }

    /// The next element, or `nil` behind the last.
    @inlinable @_lifetime(copy self)
    public mutating func next() -> JSONValue? {
        guard cursor.word >> 56 != 0x5D else { return nil }
        let element = cursor
        cursor = cursor.sibling(at: element.after)
        return element
    }
}

extension JSONValue {
    /// `nil` when this is not an object.
    @inlinable @inline(__always) @_lifetime(copy self)
    public func fields() -> JSONFields? { isOf(.object) ? JSONFields(self) : nil }

    /// `nil` when this is not an array.
    @inlinable @_lifetime(copy self)
    public func elements() -> JSONElements? { isOf(.array) ? JSONElements(self) : nil }

    /// The first field of this name.
    ///
    /// Readers that want many fields walk `fields()` once instead.
    @inlinable @_lifetime(copy self)
    public func field(_ name: StaticString) -> JSONValue? {
        guard var fields = fields() else { return nil }
        while let field = fields.next() {
            if field.isNamed(name) { return field.value }
        }
        return nil
    }
}
