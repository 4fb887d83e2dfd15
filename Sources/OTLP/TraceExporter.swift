internal import Core
internal import HTTPClient
internal import Synchronization
public import Telemetry
internal import Threading

/// Brings spans to a collector over HTTP, beside everything else: nobody waits for it, and what it cannot bring is
/// counted.
public final class TraceExporter: Sendable {
    /// Between two tries of one batch, at most.
    static let longestPause: Duration = .seconds(5)
    static let shortestPause: Duration = .milliseconds(250)
    /// Tries of one batch; after them it is lost, and the next one has its turn.
    static let maximumTries = 5

    private let settings: TraceSettings
    private let metrics: TracingMetrics
    private let pool: HTTPPool
    private let arrivals: Arrivals
    private let isEnding = Atomic(false)
    /// What hands spans over.
    public let tracing: Tracing

    public init(_ settings: TraceSettings, in registry: Registry) {
        self.settings = settings
        metrics = TracingMetrics(in: registry)
        let arrivals = Arrivals()
        self.arrivals = arrivals
        tracing = Tracing(
            in: registry, maximumWaiting: settings.maximumWaiting, wakeAt: settings.batch, share: settings.share
        ) { arrivals.wake() }
        // A collector is named by its owner, who knows where he sends what.
        pool = HTTPPool(
            lanes: 1,
            limits: HTTPLimits(
                connectTimeout: settings.timeout, firstByteTimeout: settings.timeout, totalTimeout: settings.timeout,
                maximumResponseBytes: 1 << 16),
            trust: HTTPTrust(plainBeyondLoopback: true))
    }

    /// Exports until `end` is called.
    public func run() async {
        while !isEnding.load(ordering: .acquiring) {
            let seen = arrivals.count
            // More may have come while the last batch was on its way.
            let batch = tracing.take(upTo: settings.batch)
            if !batch.isEmpty { await bring(batch) }
            guard batch.count < settings.batch else { continue }
            await arrivals.wait(after: seen, until: .now + settings.delay)
        }
    }

    /// Ends `run`, which is waited for by its owner, and brings what waits, for as long as the limit allows.
    public func end(within limit: Duration) async {
        isEnding.store(true, ordering: .releasing)
        arrivals.wake()
        let deadline = ContinuousClock.now + limit
        while case let batch = tracing.take(upTo: settings.batch), !batch.isEmpty {
            let left = deadline - .now
            guard left > .zero else {
                count(batch.count, .undelivered)
                continue
            }
            switch await send(batch, within: min(left, settings.timeout)) {
            case .taken: count(batch.count, .exported)
            case .refused: count(batch.count, .refused)
            case .again: count(batch.count, .undelivered)
            }
        }
    }

    private enum Reply {
        case taken
        /// As it is it will never be taken.
        case refused
        case again(after: Duration?)
    }

    private func bring(_ batch: [Span]) async {
        var pause = Self.shortestPause
        for number in 1...Self.maximumTries {
            switch await send(batch, within: settings.timeout) {
            case .taken: return count(batch.count, .exported)
            case .refused: return count(batch.count, .refused)
            case .again(let asked):
                guard number < Self.maximumTries, !isEnding.load(ordering: .acquiring) else { break }
                let seen = arrivals.count
                let until = ContinuousClock.now + min(asked ?? pause, Self.longestPause)
                // A full queue does not shorten the pause; the end does.
                while ContinuousClock.now < until, !isEnding.load(ordering: .acquiring) {
                    await arrivals.wait(after: max(seen, arrivals.count), until: until)
                }
                pause = min(pause * 2, Self.longestPause)
            }
            if isEnding.load(ordering: .acquiring) { break }
        }
        count(batch.count, .undelivered)
    }

    private func send(_ batch: [Span], within limit: Duration) async -> Reply {
        let body = SpanText.request(batch, resource: settings.resource)
        let headers =
            [(name: "Content-Type", value: "application/json")]
            + settings.headers.map { (name: $0.name, value: $0.value.reveal()) }
        var limits = pool.limits
        limits.totalTimeout = limit
        let start = ContinuousClock.now
        let exchange = await pool.exchange(
            HTTPRequest(.post, settings.address, headers: headers, body: body), limits: limits)
        metrics.exports.observe(ContinuousClock.now - start)
        switch exchange.result {
        case .failure(let error):
            metrics.failures.labelled(Self.cause(error)).increment()
            return .again(after: nil)
        case .success(let response):
            if (200..<300).contains(response.status) { return .taken }
            metrics.failures.labelled("http_\(response.status)").increment()
            guard [429, 502, 503, 504].contains(response.status) else { return .refused }
            return .again(after: response.header("Retry-After").flatMap { Int64($0) }.map { .seconds(max(0, $0)) })
        }
    }

    private static func cause(_ error: HTTPError) -> String {
        switch error {
        case .timedOut: "timed_out"
        case .unreachable: "unreachable"
        case .untrusted: "untrusted"
        case .address: "address"
        case .tooLarge: "too_large"
        case .busy: "busy"
        case .forbidden: "forbidden"
        }
    }

    private func count(_ spans: Int, _ fate: TracingMetrics.Fate) {
        metrics.spans.labelled(fate.rawValue).increment(by: UInt64(spans))
    }
}
