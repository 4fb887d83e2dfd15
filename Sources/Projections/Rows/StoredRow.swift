public import Domain

/// A row as a fold knows it: typed fields, each named once.
///
/// `walk` shows every column in the order of the table: for writing, reading, declaring and documenting alike.
public protocol StoredRow: Sendable, Equatable {
    /// What tells one row of the table from another; its columns are among the row's.
    associatedtype Key: RowKey

    static var table: TableName { get }
    var key: Key { get }
    /// False for a row that is only written in order to be removed.
    var isKept: Bool { get }

    /// A row to be read into, and to ask for its columns.
    init()
    mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure)
}

extension StoredRow {
    public var isKept: Bool { true }
}

/// The columns that identify a row, under the names they have in it.
public protocol RowKey: Hashable, Sendable {
    init()
    mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure)
}

/// What is done with each column: one visitor writes, another reads, a third lists.
public protocol ColumnWalker: ~Copyable, ~Escapable {
    associatedtype Failure: Error
    mutating func column<Value: ColumnValue>(
        _ name: StaticString, _ value: inout Value, _ note: ColumnNote
    ) throws(Failure)
}

extension ColumnWalker where Self: ~Copyable & ~Escapable {
    /// A word, a name, a hash, prose.
    @inlinable
    public mutating func text<Value: FieldText>(
        _ name: StaticString, _ value: inout Value, _ note: ColumnNote
    ) throws(Failure) {
        var text = Text(value)
        try column(name, &text, note)
        value = text.value
    }

    @inlinable
    public mutating func text<Value: FieldText>(
        _ name: StaticString, _ value: inout Value?, _ note: ColumnNote
    ) throws(Failure) {
        var text = value.map { Text($0) }
        try column(name, &text, note)
        value = text?.value
    }
}
