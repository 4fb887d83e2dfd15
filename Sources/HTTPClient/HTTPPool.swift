internal import Synchronization
internal import Threading

/// Sends requests side by side: as many as it has lanes, each a client on a thread of its own that keeps its connections.
///
/// Who finds all lanes busy waits, within the time of its own request.
public final class HTTPPool: Sendable {
    private actor Lane {
        private let executor = BlockingExecutor("http")
        private var client: HTTPClient

        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        init(limits: HTTPLimits, trust: HTTPTrust) { client = HTTPClient(limits: limits, trust: trust) }

        func exchange(
            _ request: HTTPRequest, limits: HTTPLimits, mayLeave: @escaping HTTPClient.LastLook
        ) -> HTTPExchange {
            client.exchange(request, limits: limits, mayLeave: mayLeave)
        }
    }

    public let limits: HTTPLimits
    private let free: Mutex<[Lane]>
    private let returned = Arrivals()

    public init(lanes: Int = 8, limits: HTTPLimits = HTTPLimits(), trust: HTTPTrust = HTTPTrust()) {
        precondition(lanes > 0, "a pool has a lane")
        self.limits = limits
        free = Mutex((0..<lanes).map { _ in Lane(limits: limits, trust: trust) })
    }

    /// The time spent on waiting for a lane counts as time of the request.
    public func exchange(
        _ request: HTTPRequest, limits: HTTPLimits? = nil, mayLeave: @escaping HTTPClient.LastLook = { true }
    ) async -> HTTPExchange {
        var limits = limits ?? self.limits
        let start = ContinuousClock.now
        guard let lane = await lane(until: start + limits.totalTimeout) else {
            return HTTPExchange(.failure(.busy), HTTPEvidence(total: ContinuousClock.now - start))
        }
        let waited = ContinuousClock.now - start
        limits.totalTimeout -= waited
        var evidence = HTTPEvidence()
        defer {
            free.withLock { $0.append(lane) }
            returned.wake()
        }
        guard limits.totalTimeout > .zero, !Task.isCancelled else {
            evidence.total = waited
            return HTTPExchange(.failure(.busy), evidence)
        }
        return await lane.exchange(request, limits: limits, mayLeave: mayLeave)
    }

    /// The lane that was used last: its connections are the warmest.
    private func lane(until deadline: ContinuousClock.Instant) async -> Lane? {
        while true {
            let seen = returned.count
            if let lane = free.withLock({ $0.popLast() }) { return lane }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return nil }
            await returned.wait(after: seen, until: deadline)
        }
    }
}
