internal import CMicroHTTP
internal import Synchronization

/// What libmicrohttpd calls: it gathers a request, lets a task make the answer, and sends it.
final class Reception: Sendable {
    private struct State {
        var isStopping = false
        var count: UInt64 = 0
        var open: [UInt64: Exchange] = [:]
        var tasks: [UInt64: Task<Void, Never>] = [:]
    }

    private let settings: HTTPServerSettings
    private let words: HTTPServerWords
    private let handler: @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    private let state = Mutex(State())
    let connections: ConnectionTable

    init(
        _ settings: HTTPServerSettings, _ words: HTTPServerWords,
        handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) {
        self.settings = settings
        self.words = words
        self.handler = handler
        connections = ConnectionTable(receiveLimit: settings.receiveLimit, sendLimit: settings.sendLimit)
    }

    /// Requests that are being answered.
    var open: Int { state.withLock { $0.open.count } }

    /// From now on every request is answered with 503, and streams of events end.
    func close() {
        let open = state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
        for exchange in open { exchange.feed?.finish() }
    }

    /// Looks after time: cuts clients that take too long, and says to the others that we are there.
    func sweep() {
        connections.sweep()
        let now = ContinuousClock.now
        for exchange in state.withLock({ Array($0.open.values) }) { exchange.feed?.beat(now) }
    }

    /// How often that is looked after.
    var sweepEvery: Duration {
        min(.seconds(1), max(.milliseconds(20), min(settings.receiveLimit, settings.sendLimit) / 4))
    }

    /// Ends what is still open, so that no connection sleeps when the daemon stops.
    func cutAll() {
        let (tasks, exchanges) = state.withLock { (Array($0.tasks.values), Array($0.open.values)) }
        for task in tasks { task.cancel() }
        for exchange in exchanges { exchange.cut() }
    }

    fileprivate func arrive(_ target: String, isText: Bool, _ connection: OpaquePointer) -> Exchange {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        return unsafe Exchange(number: number, target: target, isText: isText, connection: connection)
    }

    fileprivate func complete(_ exchange: Exchange, isWhole: Bool) {
        state.withLock { state in
            state.open[exchange.number] = nil
            state.tasks[exchange.number] = nil
        }
        exchange.feed?.cut()
        connections.awaitRequest(exchange.key)
        words.log?(HTTPServerLogEntry(exchange, isComplete: isWhole))
    }

    private func refuse(
        _ refusal: HTTPServerRefusal, _ exchange: Exchange, _ connection: OpaquePointer
    ) -> MHD_Result {
        var response = words.refusing(refusal)
        // Behind a request whose end is uncertain nothing is read.
        if refusal == .stopping || refusal == .ambiguousLength { response.headers.append(("Connection", "close")) }
        return unsafe Answering.queue(response, exchange, connection)
    }

    fileprivate func step(
        _ exchange: Exchange, _ connection: OpaquePointer, _ method: String, _ upload: UnsafeRawBufferPointer
    ) -> MHD_Result {
        switch exchange.phase {
        case .arriving:
            exchange.phase = .receiving
            exchange.method = method
            guard unsafe ConnectionReader.saysLengthOnce(connection) else {
                return unsafe refuse(.ambiguousLength, exchange, connection)
            }
            if let length = unsafe ConnectionReader.length(connection), length > UInt64(settings.maximumBodyBytes) {
                return unsafe refuse(.bodyTooLarge(limit: settings.maximumBodyBytes), exchange, connection)
            }
            return torghut_mhd_yes
        case .receiving where upload.count > 0:
            return unsafe exchange.take(upload, upTo: settings.maximumBodyBytes) ? torghut_mhd_yes : torghut_mhd_no
        case .receiving:
            exchange.phase = .handling
            return unsafe handle(exchange, connection)
        case .handling:
            guard let response = exchange.response else { return torghut_mhd_no }
            if case .bytes = response.body { connections.awaitTaking(exchange.key) }
            return unsafe Answering.queue(response, exchange, connection)
        }
    }

    private func handle(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        guard exchange.isText, let path = ConnectionReader.path(of: exchange.target) else {
            return unsafe refuse(.unreadablePath, exchange, connection)
        }
        guard let query = unsafe ConnectionReader.query(connection, of: exchange.target) else {
            return unsafe refuse(.unreadableQuery, exchange, connection)
        }
        let request = unsafe HTTPServerRequest(
            method: exchange.method, target: exchange.target, path: path, query: query,
            headers: ConnectionReader.headers(connection), body: exchange.body)
        connections.awaitAnswer(exchange.key)
        let begun = state.withLock { state in
            guard !state.isStopping else { return false }
            exchange.suspend()
            state.open[exchange.number] = exchange
            state.tasks[exchange.number] = Task { await answer(exchange, request) }
            return true
        }
        return unsafe begun ? torghut_mhd_yes : refuse(.stopping, exchange, connection)
    }

    private func answer(_ exchange: Exchange, _ request: HTTPServerRequest) async {
        var response = await handler(request)
        if let limit = settings.compressesAbove { response = Gzip.applied(to: response, for: request, above: limit) }
        if case .events(let feed) = response.body {
            feed.onCut { [connections, key = exchange.key] in connections.cut(key) }
        }
        exchange.answer(response)
        // Its stream began while the server closed.
        if state.withLock({ $0.isStopping }) { exchange.feed?.finish() }
    }
}

/// The functions libmicrohttpd is given.
///
/// The reception outlives the daemon, an exchange lives from its first line to its completion.
extension Reception {
    static let target: torghut_mhd_target = { context, target, connection in
        guard let context = unsafe context, let target = unsafe target, let connection = unsafe connection else {
            return nil
        }
        let reception = unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
        // Bytes that are no text become other bytes than were sent: such a target is told in the log, and refused.
        let isText = unsafe String(validatingCString: target) != nil
        let exchange = unsafe reception.arrive(String(cString: target), isText: isText, connection)
        return unsafe Unmanaged.passRetained(exchange).toOpaque()
    }

    static let access: MHD_AccessHandlerCallback = { context, connection, _, method, _, upload, size, slot in
        guard let context = unsafe context, let connection = unsafe connection, let method = unsafe method,
            let size = unsafe size, let held = unsafe slot?.pointee
        else { return torghut_mhd_no }
        let reception = unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(held).takeUnretainedValue()
        let bytes = unsafe UnsafeRawBufferPointer(start: upload, count: size.pointee)
        let result = unsafe reception.step(exchange, connection, String(cString: method), bytes)
        // All of it was taken, or the connection ends.
        unsafe size.pointee = 0
        return result
    }

    static let completed: MHD_RequestCompletedCallback = { context, _, slot, ending in
        guard let context = unsafe context, let held = unsafe slot?.pointee else { return }
        let reception = unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
        // Safe: this is the reference that `target` retained, and libmicrohttpd completes a request once.
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(held).takeRetainedValue()
        unsafe slot?.pointee = nil
        reception.complete(exchange, isWhole: ending == torghut_mhd_request_completed)
    }
}
