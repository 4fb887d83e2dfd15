internal import CLibpq

/// What to run: text, or the name that `prepare` was given.
public enum Statement: Sendable, Hashable {
    case sql(String)
    case prepared(String)
}

/// The server's number for a type.
public struct PostgresType: Sendable, Hashable {
    public let oid: UInt32
    public init(oid: UInt32) { self.oid = oid }

    /// The server finds out by itself.
    public static let unknown = PostgresType(oid: 0)
    public static let bool = PostgresType(oid: 16)
    public static let bytea = PostgresType(oid: 17)
    public static let int8 = PostgresType(oid: 20)
    public static let int2 = PostgresType(oid: 21)
    public static let int4 = PostgresType(oid: 23)
    public static let text = PostgresType(oid: 25)
    public static let json = PostgresType(oid: 114)
    public static let timestamptz = PostgresType(oid: 1184)
    public static let numeric = PostgresType(oid: 1700)
    public static let uuid = PostgresType(oid: 2950)
    public static let jsonb = PostgresType(oid: 3802)
}

/// What became of one statement.
public struct StatementResult: Sendable {
    /// The server's command tag: `INSERT 0 3`, `SELECT 1`, `COPY 1000000`.
    public let command: String
    /// Rows inserted, updated, deleted, copied or selected; 0 for everything else.
    public let affected: Int
    public let rows: Rows

    @safe init(taking result: OpaquePointer) {
        command = unsafe String(cString: PQcmdStatus(result))
        affected = Int(unsafe String(cString: PQcmdTuples(result))) ?? 0
        unsafe rows = Rows(taking: result)
    }
}
