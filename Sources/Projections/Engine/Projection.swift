public import Core
public import Domain

/// A question that the log answers in tables: which events it wants, what they change.
///
/// A fold is pure: values in, values out. It gives the same rows for every order of its inputs that keeps the order
/// of each partition, because nothing else is promised.
public protocol Projection: Sendable {
    associatedtype Tables: TableSet

    static var name: ProjectionName { get }
    /// Raised with every change of what the fold makes of the log: equal folds over one log give equal rows.
    static var fold: Int { get }
    /// One owner for each partition of this topic.
    static var ownership: CatalogTopic { get }
    /// Topics with as many partitions and the same key are read partition by partition; others are read whole by
    /// every owner.
    static var inputs: [CatalogTopic] { get }
    static var wants: Set<EventType> { get }
    /// Views over the public tables, and columns that a table's own view shows at its end.
    static var views: [ViewDefinition] { get }

    /// Names every row that `fold` may touch for this event.
    static func need(of event: Event, in tables: inout Tables)

    /// Whether `follow` names anything.
    static var follows: Bool { get }

    /// Names the rows that only rows named by `need` lead to; asked once those have been fetched.
    ///
    /// Nothing it names leads further.
    static func follow(_ event: Event, in tables: inout Tables)

    /// Folds one event into the rows.
    ///
    /// A refusal parks the record; it must be thrown before the first change.
    static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal)
}

extension Projection {
    /// Most know from the event alone which rows it touches.
    public static var follows: Bool { false }
    public static func follow(_ event: Event, in tables: inout Tables) {}

    public static var views: [ViewDefinition] { [] }
}

/// What readers see besides the tables themselves; views only ever grow at the end.
public enum ViewDefinition: Sendable, Hashable {
    /// A view of its own, over the names that readers use.
    case query(name: String, sql: String)
    /// One more column of a table's view: an expression over the table's columns.
    case column(of: String, name: String, sql: String)
}

public struct ProjectionName: Hashable, Sendable, CustomStringConvertible, Comparable {
    public let text: String

    public init(_ text: StaticString) { self.text = "\(text)" }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// Why a fold cannot take a record, as far as the record itself is to blame.
public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: ParkReason
    public let path: String
    public let description: String

    public init(_ reason: ParkReason, at path: String, _ description: String) {
        self.reason = reason
        self.path = path
        self.description = description
    }
}

/// The tables of a projection, each a field of one struct.
public protocol TableSet: Sendable {
    init(_ maker: TableMaker)
    mutating func visit<Visitor: TableVisitor & ~Copyable>(_ visitor: inout Visitor) throws(Visitor.Failure)
}

public protocol TableVisitor: ~Copyable {
    associatedtype Failure: Error
    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) throws(Failure)
    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) throws(Failure)
}

/// Makes the tables of one partition.
public struct TableMaker: Sendable {
    let partition: Int32
    let isWhole: Bool

    public func current<Row: StoredRow>(of row: Row.Type) -> CurrentTable<Row> {
        CurrentTable(partition: partition, shape: TableShape(of: row), isWhole: isWhole)
    }

    public func transitions<Row: StoredRow>(of row: Row.Type) -> TransitionTable<Row> {
        TransitionTable(partition: partition, shape: TableShape(of: row))
    }
}
