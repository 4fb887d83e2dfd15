internal import CLibpq

/// Asks the server to cancel what a session is doing; for use by another thread.
///
/// Sendable without a check: libpq never changes a `PGcancel` after it made it, and says that any thread may use it.
@safe public final class Canceller: @unchecked Sendable {
    private let request: OpaquePointer

    fileprivate init(taking request: OpaquePointer) { unsafe self.request = request }

    deinit { unsafe PQfreeCancel(request) }

    /// Returns when the server has heard it; whether anything was there to be cancelled shows in the session alone.
    public func cancel() throws(PostgresError) {
        var said = [CChar](repeating: 0, count: 256)
        guard unsafe PQcancel(request, &said, Int32(said.count)) == 0 else { return }
        let text = String(decoding: said.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw PostgresError(.cancel, .unreachable, PostgresError.firstLine(text))
    }
}

extension Session {
    public func canceller() throws(PostgresError) -> Canceller {
        guard let request = unsafe PQgetCancel(connection) else {
            throw PostgresError(.cancel, .closed, "this session is closed; there is nothing to cancel")
        }
        return unsafe Canceller(taking: request)
    }
}
