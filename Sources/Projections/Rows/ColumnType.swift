/// What a column can hold: the few Postgres types whose stored value is byte for byte what was sent.
///
/// That is why JSON is `json` and not `jsonb`, and `numeric` has no scale: both others would rewrite the value.
public enum ColumnType: String, Sendable, CaseIterable {
    case boolean, integer, bigint, numeric, text, uuid, json, bytea
    /// To the microsecond; where nanoseconds matter they have a column of their own.
    case timestamptz

    /// Postgres' number of the type; it is fixed in its catalog, like that of the array of it.
    public var oid: UInt32 {
        switch self {
        case .boolean: 16
        case .bytea: 17
        case .bigint: 20
        case .integer: 23
        case .text: 25
        case .json: 114
        case .timestamptz: 1184
        case .numeric: 1700
        case .uuid: 2950
        }
    }

    var arrayOID: UInt32 {
        switch self {
        case .boolean: 1000
        case .bytea: 1001
        case .bigint: 1016
        case .integer: 1007
        case .text: 1009
        case .json: 199
        case .timestamptz: 1185
        case .numeric: 1231
        case .uuid: 2951
        }
    }
}

/// One column as the table declares it and the documentation shows it.
public struct Column: Sendable, Equatable {
    public let name: String
    public let type: ColumnType
    public let isNullable: Bool
    public let meaning: String
    public let unit: String?
}

/// What a column means, for the people who query it.
public struct ColumnNote: Sendable, ExpressibleByStringLiteral {
    public let text: StaticString
    public let unit: StaticString?

    public init(_ text: StaticString, unit: StaticString? = nil) {
        self.text = text
        self.unit = unit
    }

    public init(stringLiteral text: StaticString) { self.init(text) }
}
