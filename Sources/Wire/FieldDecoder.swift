internal import Core
internal import Domain
internal import JSON

/// Fills the fields of a record from a JSON object.
///
/// It looks at the next key first, and our own encoder's order makes that a hit. An optional field that is not next
/// is taken for absent: when the walk has then met every key of the object, that was right, and no key was there
/// twice. Otherwise the walk is done again with a search for each field, behind a check for repeated keys.
struct FieldDecoder: FieldWalker, ~Escapable {
    private var cursor: JSONFields
    private let searching: Bool
    private let names: KnownNames.Lent

    @inline(__always)
    @_lifetime(copy fields, copy names)
    init(_ fields: JSONFields, searching: Bool, _ names: KnownNames.Lent) {
        cursor = fields
        self.searching = searching
        self.names = names
    }

    /// The record that this value holds.
    static func record<Record: FieldRecord>(
        _ value: JSONValue, _ names: KnownNames.Lent
    ) throws(WalkFailure) -> Record {
        guard let fields = value.fields() else { throw .fault(path: [], value.kind.isNot("an object")) }
        var ordered = FieldDecoder(fields, searching: false, names)
        do {
            let record = try Record.filled(by: &ordered)
            if ordered.isAtEnd { return record }
        } catch {
            guard case .outOfOrder = error else { throw error }
        }
        do { try value.refuseDuplicateKeys(deep: false) } catch { throw .fault(path: [], .of(error)) }
        var search = FieldDecoder(fields, searching: true, names)
        return try Record.filled(by: &search)
    }

    @inline(__always) var isAtEnd: Bool { cursor.isAtEnd }

    /// The value of the field, null included.
    @inline(__always)
    @_lifetime(copy self)
    mutating func take(_ name: StaticString) -> JSONValue? {
        if let value = cursor.next(named: name) { return value }
        return searching ? search(name) : nil
    }

    @_lifetime(copy self)
    private mutating func search(_ name: StaticString) -> JSONValue? {
        guard var fields = cursor.object.fields() else { return nil }
        while let field = fields.next() {
            guard field.isNamed(name) else { continue }
            cursor = fields
            return field.value
        }
        return nil
    }

    @inline(__always)
    @_lifetime(copy self)
    private mutating func require(_ name: StaticString) throws(WalkFailure) -> JSONValue {
        guard let value = take(name) else {
            if searching { throw .fault(at: name, .missing) }
            throw .outOfOrder
        }
        if value.isNull { throw .fault(at: name, .missing) }
        return value
    }
}

extension FieldDecoder {
    @inline(__always)
    mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value, _ note: FieldNote
    ) throws(WalkFailure) {
        value = try text(require(name), name)
    }

    @inline(__always)
    mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value?, _ note: FieldNote
    ) throws(WalkFailure) {
        guard let found = take(name), !found.isNull else { return }
        value = try text(found, name)
    }

    @inline(__always)
    private func text<Value: FieldText>(
        _ found: JSONValue, _ name: StaticString
    ) throws(WalkFailure) -> Value {
        guard let text = found.utf8 else { throw .fault(at: name, found.kind.isNot("a string")) }
        do { return try Value.read(text, recalling: names) } catch {
            throw .fault(at: name, .invalid(error.description))
        }
    }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) throws(WalkFailure) {
        value = try Self.integer(require(name), name)
    }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) throws(WalkFailure) {
        guard let found = take(name), !found.isNull else { return }
        value = try Self.integer(found, name)
    }

    @inline(__always)
    private static func integer(_ found: JSONValue, _ name: StaticString) throws(WalkFailure) -> Int64 {
        guard let integer = found.int64 else { throw .fault(at: name, found.kind.isNot("a whole number of 64 bits")) }
        return integer
    }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) throws(WalkFailure) {
        value = try Self.bool(require(name), name)
    }

    @inline(__always)
    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) throws(WalkFailure) {
        guard let found = take(name), !found.isNull else { return }
        value = try Self.bool(found, name)
    }

    @inline(__always)
    private static func bool(_ found: JSONValue, _ name: StaticString) throws(WalkFailure) -> Bool {
        guard let bool = found.bool else { throw .fault(at: name, found.kind.isNot("true or false")) }
        return bool
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) throws(WalkFailure) {
        value = try Self.json(require(name), name)
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) throws(WalkFailure) {
        guard let found = take(name), !found.isNull else { return }
        value = try Self.json(found, name)
    }

    private static func json(_ found: JSONValue, _ name: StaticString) throws(WalkFailure) -> CompactJSON {
        do { return try CompactJSON(found) } catch { throw .fault(at: name, error.reason) }
    }
}

extension FieldDecoder {
    mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record, _ note: FieldNote
    ) throws(WalkFailure) {
        value = try record(require(name), name)
    }

    mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record?, _ note: FieldNote
    ) throws(WalkFailure) {
        guard let found = take(name), !found.isNull else { return }
        value = try record(found, name)
    }

    private func record<Record: FieldRecord>(
        _ found: JSONValue, _ name: StaticString
    ) throws(WalkFailure) -> Record {
        do { return try Self.record(found, names) } catch { throw error.inside(.field(name)) }
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) throws(WalkFailure) {
        let names = names
        values = try Self.list(require(name), name, counts) { (element) throws(WalkFailure) -> Value in
            guard let text = element.utf8 else { throw .fault(path: [], element.kind.isNot("a string")) }
            do throws(FieldFault) { return try Value.read(text, recalling: names) } catch {
                throw .fault(path: [], .invalid(error.description))
            }
        }
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) throws(WalkFailure) {
        let names = names
        values = try Self.list(require(name), name, counts) { (element) throws(WalkFailure) -> Record in
            try Self.record(element, names)
        }
    }

    private static func list<Element>(
        _ found: JSONValue, _ name: StaticString, _ counts: ClosedRange<Int>,
        _ read: (JSONValue) throws(WalkFailure) -> Element
    ) throws(WalkFailure) -> [Element] {
        guard var elements = found.elements() else { throw .fault(at: name, found.kind.isNot("an array")) }
        var list: [Element] = []
        while let element = elements.next() {
            guard list.count < counts.upperBound else { throw tooMany(found, name, counts) }
            do { list.append(try read(element)) } catch {
                throw error.inside(.element(list.count)).inside(.field(name))
            }
        }
        guard list.count >= counts.lowerBound else {
            throw .fault(at: name, .count(allowed: counts, actual: list.count))
        }
        return list
    }

    private static func tooMany(_ found: JSONValue, _ name: StaticString, _ counts: ClosedRange<Int>) -> WalkFailure {
        var actual = 0
        if var elements = found.elements() {
            while elements.next() != nil { actual += 1 }
        }
        return .fault(at: name, .count(allowed: counts, actual: actual))
    }
}
