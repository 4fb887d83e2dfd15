internal import CMicroHTTP
internal import Synchronization

/// One request and its answer, from the first line to the last byte.
///
/// `@unchecked`: what has no lock is touched by libmicrohttpd's thread alone; the connection is otherwise only resumed,
/// which any thread may do while it is suspended.
@safe final class Exchange: @unchecked Sendable {
    enum Phase {
        case arriving
        case receiving
        case handling
    }

    private struct State {
        var isWaiting = false
        var response: HTTPServerResponse?
        var stream: BodyStream?
        var isCut = false
    }

    let number: UInt64
    let target: String
    /// Whether that is what was sent, byte by byte.
    let isText: Bool
    /// Of the connection, in the table of all.
    let key: UInt
    private let connection: OpaquePointer
    var phase = Phase.arriving
    var method = ""
    private(set) var body: [UInt8] = []
    /// What was handed to libmicrohttpd.
    var sent: HTTPServerResponse?
    let arrivedAt = ContinuousClock.now
    private let state = Mutex(State())

    init(number: UInt64, target: String, isText: Bool, connection: OpaquePointer) {
        self.number = number
        self.target = target
        self.isText = isText
        unsafe self.connection = connection
        unsafe key = ConnectionTable.key(connection)
    }

    /// Takes a piece of the body, unless it is too much.
    func take(_ piece: UnsafeRawBufferPointer, upTo limit: Int) -> Bool {
        guard body.count + piece.count <= limit else { return false }
        unsafe body.append(contentsOf: piece)
        return true
    }

    /// The connection sleeps until `answer`.
    func suspend() {
        state.withLock { state in
            state.isWaiting = true
            unsafe MHD_suspend_connection(connection)
        }
    }

    /// The first answer counts.
    func answer(_ response: HTTPServerResponse) {
        state.withLock { state in
            guard state.response == nil, state.isWaiting else { return }
            state.isWaiting = false
            state.response = response
            unsafe MHD_resume_connection(connection)
        }
    }

    /// The stream of events it answers with.
    var feed: EventFeed? {
        if case .events(let feed) = response?.body { feed } else { nil }
    }

    /// The answer, if it is there.
    var response: HTTPServerResponse? { state.withLock { $0.response } }

    /// Whether the body may begin: not when the server is stopping.
    func begin(_ stream: BodyStream) -> Bool {
        state.withLock { state in
            guard !state.isCut else { return false }
            state.stream = stream
            return true
        }
    }

    /// Ends it at once, whatever it waits for.
    func cut() {
        answer(.hangUp)
        let stream = state.withLock { state in
            state.isCut = true
            return state.stream
        }
        stream?.cut()
    }
}
