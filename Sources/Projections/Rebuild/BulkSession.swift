internal import Postgres
internal import Threading

/// Fills tables that nobody else writes: no fence, no merge, no keys; on a thread of its own.
actor BulkSession {
    private nonisolated let executor = BlockingExecutor("projections.bulk")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let settings: PostgresSettings
    private var opened: OpenSession?

    init(_ settings: PostgresSettings) { self.settings = settings.forLongWork }

    func with<Result: Sendable>(_ body: @Sendable (OpenSession) throws -> Result) throws -> Result {
        let open = try opened ?? OpenSession(settings)
        opened = open
        return try body(open)
    }

    func copy(_ tables: [UnitWrite.Table]) throws {
        let filled = tables.filter { !$0.added.isEmpty }
        guard !filled.isEmpty else { return }
        let byTable = Dictionary(grouping: filled, by: \.physical).sorted { $0.key < $1.key }
        let sql = byTable.map { "COPY \($0.key) FROM STDIN (FORMAT binary)" }
        try with { open in
            try open.session.begin(sql.joined(separator: ";\n"))
            for (_, parts) in byTable {
                try open.session.openCopy()
                try open.session.feed(CopyFormat.header)
                for part in parts { try open.session.feed(part.added.bytes) }
                try open.session.feed(CopyFormat.trailer)
                try open.session.closeCopy()
            }
            _ = try open.session.finish()
        }
    }

    /// Lets go of the rebuild's lock first: a server notices only later that a connection has ended.
    func end() throws {
        try opened?.session.run("SELECT pg_advisory_unlock_all()")
        close()
    }

    func close() { opened = nil }
}

extension PostgresSettings {
    /// Keys over millions of rows, and looking at each of them, take their time.
    var forLongWork: PostgresSettings {
        var patient = self
        patient.statementTimeout = .zero
        patient.answerTimeout = .seconds(3_600)
        return patient
    }
}
