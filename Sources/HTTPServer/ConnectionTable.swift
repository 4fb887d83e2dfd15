internal import CMicroHTTP
internal import Glibc
internal import Synchronization

/// Every open connection, and by when it must have got on: libmicrohttpd only sees that nothing moves, not that it moves
/// one byte a second.
final class ConnectionTable: Sendable {
    private struct Entry {
        let socket: Int32
        /// None while we ourselves are making the answer.
        var deadline: ContinuousClock.Instant?
    }

    private let receiveLimit: Duration
    private let sendLimit: Duration
    private let entries = Mutex<[UInt: Entry]>([:])

    init(receiveLimit: Duration, sendLimit: Duration) {
        self.receiveLimit = receiveLimit
        self.sendLimit = sendLimit
    }

    var count: Int { entries.withLock { $0.count } }

    fileprivate func opened(_ connection: OpaquePointer, _ key: UInt) {
        let entry = Entry(socket: unsafe torghut_mhd_socket(connection), deadline: .now + receiveLimit)
        entries.withLock { $0[key] = entry }
    }

    /// libmicrohttpd says so before it closes the socket: none in the table is another connection's.
    fileprivate func closed(_ key: UInt) { entries.withLock { $0[key] = nil } }

    /// The client has to send the whole of its next request in time.
    func awaitRequest(_ key: UInt) { entries.withLock { $0[key]?.deadline = .now + receiveLimit } }

    /// The request is whole; how long the answer takes is our affair.
    func awaitAnswer(_ key: UInt) { entries.withLock { $0[key]?.deadline = nil } }

    /// The client has to take the whole answer in time.
    func awaitTaking(_ key: UInt) { entries.withLock { $0[key]?.deadline = .now + sendLimit } }

    /// libmicrohttpd then finds the connection at its end, and closes it.
    func cut(_ key: UInt) {
        entries.withLock { entries in
            guard let entry = entries[key] else { return }
            _ = shutdown(entry.socket, Int32(SHUT_RDWR))
        }
    }

    /// Cuts those that took too long.
    func sweep(_ now: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            for (key, entry) in entries {
                guard let deadline = entry.deadline, deadline < now else { continue }
                _ = shutdown(entry.socket, Int32(SHUT_RDWR))
                // Once is enough: it is closed when libmicrohttpd comes to it.
                entries[key]?.deadline = nil
            }
        }
    }

    static func key(_ connection: OpaquePointer) -> UInt { UInt(bitPattern: connection) }
}

extension Reception {
    static let connected: MHD_NotifyConnectionCallback = { context, connection, _, moment in
        guard let context = unsafe context, let connection = unsafe connection else { return }
        // Safe: the reception outlives the daemon.
        let reception = unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
        let key = unsafe ConnectionTable.key(connection)
        if moment == torghut_mhd_connection_started {
            unsafe reception.connections.opened(connection, key)
        } else {
            reception.connections.closed(key)
        }
    }
}
