/// Whoever goes through the fields of a record, one after the other, in the order they are written.
///
/// A record names each of its fields once, in `walk`. A decoder fills them, an encoder reads them, a schema builder
/// writes the names and notes down, a test generates values: so no two lists of fields can disagree. Calls are
/// dispatched when the program is compiled, and notes cost a decoder nothing.
///
/// A walker that returns without throwing has filled every field, or left each as it was: never one of them.
public protocol FieldWalker: ~Copyable, ~Escapable {
    associatedtype Failure: Error

    // Required: the field is there and is not null.
    mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) throws(Failure)
    mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record, _ note: FieldNote) throws(Failure)

    // Optional: absent and null are the same.
    mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value?, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) throws(Failure)
    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) throws(Failure)
    mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record?, _ note: FieldNote) throws(Failure)

    // Lists: required, possibly empty unless `counts` says otherwise.
    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote) throws(Failure)
    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote) throws(Failure)
}
