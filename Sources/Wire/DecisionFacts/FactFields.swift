internal import Core
internal import Domain
internal import JSON

/// Takes some fields of an object that our own encoder wrote, in its order, and passes over the others.
///
/// Whatever is not where the encoder puts it ends the attempt: then the record is read whole.
struct FactFields: ~Escapable {
    private var fields: FieldDecoder
    private let names: KnownNames.Lent

    @_lifetime(copy fields, copy names)
    init(_ fields: JSONFields, _ names: KnownNames.Lent) {
        self.fields = FieldDecoder(fields, searching: false, names)
        self.names = names
    }

    @inline(__always)
    mutating func read<Value: FieldText>(_ name: StaticString) throws(WalkFailure) -> Value {
        var value: Value = EventFrame.blank()
        try fields.field(name, &value, "")
        return value
    }

    @inline(__always)
    mutating func readIfThere<Value: FieldText>(_ name: StaticString) throws(WalkFailure) -> Value? {
        var value: Value?
        try fields.field(name, &value, "")
        return value
    }

    mutating func jsonIfThere(_ name: StaticString) throws(WalkFailure) -> CompactJSON? {
        var value: CompactJSON?
        try fields.field(name, &value, "")
        return value
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ counts: ClosedRange<Int>
    ) throws(WalkFailure) -> [Value] {
        var values: [Value] = []
        try fields.list(name, &values, counts, "")
        return values
    }

    mutating func record<Record: FieldRecord>() throws(WalkFailure) -> Record {
        try Record.filled(by: &fields)
    }

    @inline(__always) var isAtEnd: Bool { fields.isAtEnd }

    @inline(__always)
    mutating func pass(_ name: StaticString) throws(WalkFailure) {
        guard fields.take(name) != nil else { throw .outOfOrder }
    }

    @inline(__always)
    mutating func passIfThere(_ name: StaticString) { _ = fields.take(name) }

    /// The object that stands here.
    @_lifetime(copy self)
    mutating func object(_ name: StaticString) throws(WalkFailure) -> FactFields {
        guard let value = fields.take(name), let inner = value.fields() else { throw .outOfOrder }
        return FactFields(inner, names)
    }
}
