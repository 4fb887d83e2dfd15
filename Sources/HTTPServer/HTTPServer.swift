internal import CMicroHTTP
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Listens for HTTP/1.1 and lets a handler answer: bounded in everything a stranger sends, loopback unless told
/// otherwise.
///
/// Each request is a task of its own; while it runs, its connection costs no thread.
@safe public final class HTTPServer: Sendable {
    /// `@unchecked`: the daemon is stopped once, by whoever takes it out of the lock.
    @safe private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    public let port: UInt16
    /// When the certificate that it shows ends, in seconds since 1970: it is read once.
    public let certificateEnd: Int64?
    private let reception: Reception
    private let drainLimit: Duration
    private let sweeper: Task<Void, Never>
    private let daemon: Mutex<Daemon?>

    public init(
        _ settings: HTTPServerSettings = HTTPServerSettings(), words: HTTPServerWords = HTTPServerWords(),
        handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) throws(HTTPServerError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = settings.port.bigEndian
        guard unsafe inet_pton(AF_INET, settings.host, &address.sin_addr) == 1 else {
            throw .host(settings.host)
        }
        let reception = Reception(settings, words, handler: handler)
        let identity = try settings.identity?.read()
        certificateEnd = identity.flatMap { CertificateEnd.seconds(ofPEM: $0.certificate) }
        guard let started = unsafe Self.start(settings, &address, identity, reception) else {
            throw .notListening(host: settings.host, port: settings.port)
        }
        port = unsafe UInt16(torghut_mhd_port(started))
        self.reception = reception
        drainLimit = settings.drainLimit
        daemon = unsafe Mutex(Daemon(pointer: started))
        sweeper = Task {
            // Cancelled with the server.
            while (try? await Task.sleep(for: reception.sweepEvery)) != nil { reception.sweep() }
        }
    }

    private static func start(
        _ settings: HTTPServerSettings, _ address: inout sockaddr_in, _ identity: (certificate: [CChar], key: [CChar])?,
        _ reception: Reception
    ) -> OpaquePointer? {
        // Safe: addresses and texts are copied or read before this returns, but for the certificate's and the key's,
        // which GnuTLS has taken in by then; the reception lives as long as the server, which stops the daemon first.
        unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var wanted = unsafe torghut_mhd_settings()
                unsafe wanted.address = address
                unsafe wanted.handler = Reception.access
                unsafe wanted.completed = Reception.completed
                unsafe wanted.connected = Reception.connected
                unsafe wanted.target = Reception.target
                unsafe wanted.context = Unmanaged.passUnretained(reception).toOpaque()
                unsafe wanted.connections = UInt32(settings.maximumConnections)
                unsafe wanted.idle_seconds = UInt32(max(1, settings.idleTimeout.components.seconds))
                unsafe wanted.threads = UInt32(settings.threads)
                unsafe wanted.memory = settings.maximumHeaderBytes
                guard let identity else { return unsafe torghut_mhd_start(&wanted) }
                return unsafe identity.certificate.withUnsafeBufferPointer { certificate in
                    unsafe identity.key.withUnsafeBufferPointer { key in
                        unsafe wanted.certificate = certificate.baseAddress
                        unsafe wanted.key = key.baseAddress
                        return unsafe torghut_mhd_start(&wanted)
                    }
                }
            }
        }
    }

    public convenience init(
        _ settings: HTTPServerSettings = HTTPServerSettings(), words: HTTPServerWords = HTTPServerWords(),
        routes: HTTPRoutes
    ) throws(HTTPServerError) {
        try self.init(settings, words: words) { await routes.answer($0) }
    }

    /// Requests that are being answered now.
    public var openRequests: Int { reception.open }

    /// Clients that are connected now.
    public var openConnections: Int { reception.connections.count }

    /// Stops listening at once, lets open requests end within the drain limit, and then cuts what is left.
    ///
    /// May be called often.
    public func stop() async {
        let taken = daemon.withLock { $0.take() }
        guard let taken else { return }
        unsafe Self.stopListening(taken.pointer)
        reception.close()
        let deadline = ContinuousClock.now + drainLimit
        while reception.open > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            // A wait that is cancelled is over.
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { break }
        }
        sweeper.cancel()
        let reception = reception
        await withCheckedContinuation { continuation in
            // Stopping joins a thread, which must not hold one of the shared pool.
            DispatchQueue.global().async {
                unsafe Self.end(taken.pointer, reception)
                continuation.resume()
            }
        }
    }

    deinit {
        sweeper.cancel()
        guard let taken = daemon.withLock({ $0.take() }) else { return }
        unsafe Self.stopListening(taken.pointer)
        reception.close()
        unsafe Self.end(taken.pointer, reception)
    }

    private static func stopListening(_ daemon: OpaquePointer) {
        let socket = unsafe MHD_quiesce_daemon(daemon)
        if socket >= 0 { Glibc.close(socket) }
    }

    private static func end(_ daemon: OpaquePointer, _ reception: Reception) {
        reception.cutAll()
        unsafe MHD_stop_daemon(daemon)
    }
}
