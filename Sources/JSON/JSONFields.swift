/// The fields of an object, in the order they were written, repeated names included.
public struct JSONFields: ~Escapable {
    @usableFromInline var cursor: JSONValue

    @inlinable @_lifetime(copy object)
    init(_ object: JSONValue) { cursor = object.sibling(at: object.index + 1) }

    /// The next field, or `nil` behind the last.
    @inlinable @inline(__always) @_lifetime(copy self)
    public mutating func next() -> JSONField? {
        guard cursor.word >> 56 != 0x7D else { return nil }
        let field = JSONField(key: cursor, value: cursor.sibling(at: cursor.index + 1))
        cursor = cursor.sibling(at: field.value.after)
        return field
    }
}

/// A name and its value.
public struct JSONField: ~Escapable {
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
public struct JSONElements: ~Escapable {
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
    @inlinable @_lifetime(copy self)
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
