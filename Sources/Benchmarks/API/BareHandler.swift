import CLibpq
import CMicroHTTP
import Glibc
import Synchronization

/// The floor of a read over HTTP: libmicrohttpd, libpq, one prepared statement, and the fields as they come.
///
/// Checks nothing, writes no JSON, no position and no log; each of its threads waits for Postgres itself.
@safe final class BareHandler: @unchecked Sendable {
    private static let name = "bare"
    private static let since = "since"

    /// `@unchecked`: it is lent to one thread at a time.
    @safe private struct Connection: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let connections: Mutex<[Connection]>
    private let sql: String
    private let moment: String
    private var daemon: OpaquePointer?
    // `@unchecked`: the daemon is set before the object is handed out, and libpq connections are lent one at a time.
    private(set) var port: UInt16 = 0

    /// `since` is the moment in the statement; the symbol comes with each request.
    init(_ sql: String, since moment: String, database: String, threads: Int) {
        self.sql = sql
        self.moment = moment
        var made: [Connection] = []
        for _ in 0..<threads {
            guard let connection = unsafe PQconnectdb(database), unsafe PQstatus(connection) == CONNECTION_OK else {
                preconditionFailure("the floor has no database")
            }
            // As ours plans: what is measured is what stands around the statement.
            unsafe PQclear(PQexec(connection, "SET plan_cache_mode = force_generic_plan; SET jit = off"))
            // text, timestamptz, int8
            let types: [Oid] = [25, 1184, 20]
            let result = unsafe PQprepare(connection, Self.name, sql, 3, types)
            precondition(unsafe PQresultStatus(result) == PGRES_COMMAND_OK, "the floor's statement is wrong")
            unsafe PQclear(result)
            unsafe made.append(Connection(pointer: connection))
        }
        connections = Mutex(made)
        start(threads)
    }

    private func start(_ threads: Int) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        // Safe: the address is read before this returns, and the object outlives the daemon.
        unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var wanted = unsafe torghut_mhd_settings()
                unsafe wanted.address = address
                unsafe wanted.handler = Self.access
                unsafe wanted.context = Unmanaged.passUnretained(self).toOpaque()
                unsafe wanted.connections = 256
                unsafe wanted.idle_seconds = 60
                unsafe wanted.threads = UInt32(threads)
                unsafe wanted.memory = 32 << 10
                unsafe daemon = torghut_mhd_start(&wanted)
            }
        }
        guard let daemon = unsafe daemon else { preconditionFailure("the floor does not listen") }
        port = unsafe UInt16(torghut_mhd_port(daemon))
    }

    func stop() {
        if let daemon = unsafe daemon { unsafe MHD_stop_daemon(daemon) }
        unsafe daemon = nil
        for connection in connections.withLock({ $0 }) { unsafe PQfinish(connection.pointer) }
    }

    private static let access: MHD_AccessHandlerCallback = { context, connection, _, _, _, _, _, slot in
        guard let context = unsafe context, let connection = unsafe connection else { return torghut_mhd_no }
        // The first call brings the headers alone.
        guard unsafe slot?.pointee != nil else {
            unsafe slot?.pointee = context
            return torghut_mhd_yes
        }
        let handler = unsafe Unmanaged<BareHandler>.fromOpaque(context).takeUnretainedValue()
        return unsafe handler.answer(connection)
    }

    private func answer(_ connection: OpaquePointer) -> MHD_Result {
        guard let symbol = unsafe MHD_lookup_connection_value(connection, torghut_mhd_query, "symbol") else {
            return torghut_mhd_no
        }
        guard let postgres = connections.withLock({ $0.popLast() }) else { return torghut_mhd_no }
        let rows = unsafe moment.withCString { moment in
            unsafe "201".withCString { limit in
                let values: [UnsafePointer<CChar>?] = unsafe [symbol, moment, limit]
                return unsafe PQexecPrepared(postgres.pointer, Self.name, 3, values, nil, nil, 1)
            }
        }
        connections.withLock { $0.append(postgres) }
        defer { unsafe PQclear(rows) }
        guard unsafe PQresultStatus(rows) == PGRES_TUPLES_OK else { return torghut_mhd_no }
        var body: [UInt8] = []
        body.reserveCapacity(32 << 10)
        let (count, columns) = unsafe (PQntuples(rows), PQnfields(rows))
        for row in 0..<count {
            for column in 0..<columns {
                let size = unsafe Int(PQgetlength(rows, row, column))
                unsafe body.append(
                    contentsOf: UnsafeRawBufferPointer(start: PQgetvalue(rows, row, column), count: size))
                body.append(0x2C)
            }
        }
        let response = unsafe body.withUnsafeBytes { unsafe torghut_mhd_bytes($0.baseAddress, $0.count) }
        defer { unsafe MHD_destroy_response(response) }
        return unsafe MHD_queue_response(connection, 200, response)
    }
}
