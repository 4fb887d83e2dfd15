internal import Domain

/// Writes down the fields of whatever record it walks through: the one source of every schema.
struct SchemaBuilder: FieldWalker {
    typealias Failure = Never

    private(set) var fields: [FieldSchema] = []

    static func fields<Record: FieldRecord>(of record: Record.Type) -> [FieldSchema] {
        var builder = SchemaBuilder()
        _ = Record.filled(by: &builder)
        return builder.fields
    }

    private mutating func add(_ name: StaticString, _ shape: FieldShape, _ note: FieldNote, isRequired: Bool = true) {
        fields.append(FieldSchema(name, shape, isRequired: isRequired, note))
    }
}

extension SchemaBuilder {
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        add(name, .text(Value.form), note)
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        add(name, .text(Value.form), note, isRequired: false)
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) { add(name, .integer, note) }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        add(name, .integer, note, isRequired: false)
    }

    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) { add(name, .bool, note) }

    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        add(name, .bool, note, isRequired: false)
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {
        add(name, .anything, note)
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        add(name, .anything, note, isRequired: false)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        add(name, .record(Self.fields(of: Record.self)), note)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        add(name, .record(Self.fields(of: Record.self)), note, isRequired: false)
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        add(name, .list(.text(Value.form), counts), note)
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        add(name, .list(.record(Self.fields(of: Record.self)), counts), note)
    }
}

/// Every shape a payload has had, under each version that has it.
struct PayloadShapes: PayloadSource {
    typealias Failure = Never

    private(set) var shapes: [(version: Int64, fields: [FieldSchema])] = []

    mutating func payload<Content: Payload>() -> Content {
        collect(Content.self)
        var builder = SchemaBuilder()
        return Content.filled(by: &builder)
    }

    mutating func collect<Content: Versioned>(_ content: Content.Type) {
        guard Content.self != NoOlder.self else { return }
        let fields = SchemaBuilder.fields(of: Content.self)
        for version in Content.versions { shapes.append((version, fields)) }
        collect(Content.Older.self)
    }
}
