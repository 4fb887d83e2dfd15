internal import CMicroHTTP
internal import Synchronization

/// A body that is made while it is sent: libmicrohttpd asks for bytes, and sleeps on this connection while there are
/// none.
///
/// `@unchecked`: the connection is only suspended and resumed, which libmicrohttpd allows from any thread, and it lives
/// until the exchange is completed, which a suspended one is not.
@safe final class BodyStream: @unchecked Sendable {
    private enum End { case whole, broken }

    private struct State {
        var piece: [UInt8] = []
        var offset = 0
        var end: End?
        /// Suspended, and a task is making the next piece.
        var isWaiting = false
    }

    private let connection: OpaquePointer
    private let next: @Sendable () async throws -> [UInt8]?
    private let state = Mutex(State())

    init(connection: OpaquePointer, next: @escaping @Sendable () async throws -> [UInt8]?) {
        unsafe self.connection = connection
        self.next = next
    }

    /// Called by libmicrohttpd for more bytes.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (count, pulls) = state.withLock { state -> (Int, Bool) in
            let rest = state.piece.count - state.offset
            if rest > 0 {
                let count = min(rest, buffer.count)
                // Safe: both have `count` bytes from there.
                unsafe buffer.copyBytes(from: state.piece[state.offset..<(state.offset + count)])
                state.offset += count
                return (count, false)
            }
            switch state.end {
            case .whole?: return (torghut_mhd_end_of_stream, false)
            case .broken?: return (torghut_mhd_end_with_error, false)
            case nil: break
            }
            state.isWaiting = true
            // Under the lock: whoever resumes takes it first, so a resume never comes before its suspension.
            unsafe MHD_suspend_connection(connection)
            return (0, true)
        }
        if pulls { Task { await pull() } }
        return count
    }

    private func pull() async {
        var end: End?
        var piece: [UInt8] = []
        do {
            // An empty piece is not an end: go on.
            while piece.isEmpty, end == nil {
                if let more = try await next() { piece = more } else { end = .whole }
            }
        } catch {
            // The error is told the only way there is: the body ends before its end.
            end = .broken
        }
        arrive(piece, end)
    }

    private func arrive(_ piece: [UInt8], _ end: End?) {
        state.withLock { state in
            guard state.isWaiting else { return }
            state.isWaiting = false
            state.piece = piece
            state.offset = 0
            state.end = state.end ?? end
            unsafe MHD_resume_connection(connection)
        }
    }

    /// No more is sent: the server stops.
    func cut() {
        state.withLock { state in
            state.end = .broken
            guard state.isWaiting else { return }
            state.isWaiting = false
            unsafe MHD_resume_connection(connection)
        }
    }

    static let read: @convention(c) (UnsafeMutableRawPointer?, UInt64, UnsafeMutablePointer<CChar>?, Int) -> Int = {
        context, _, buffer, count in
        guard let context = unsafe context, let buffer = unsafe buffer else {
            return torghut_mhd_end_with_error
        }
        // Safe: the response holds a reference until `release`, and lends `count` bytes for the call.
        let stream = unsafe Unmanaged<BodyStream>.fromOpaque(context).takeUnretainedValue()
        return unsafe stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
    }

    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context = unsafe context else { return }
        // Safe: this is the reference that was handed over with the response.
        unsafe Unmanaged<BodyStream>.fromOpaque(context).release()
    }
}
