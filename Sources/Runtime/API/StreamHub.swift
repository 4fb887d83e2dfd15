internal import API
internal import Core
internal import HTTPServer
internal import Synchronization
internal import Telemetry

/// Reads the log once for everybody who listens, and sends each of them what comes.
///
/// A client joins between two events, so that it misses none and is sent none twice. Until it is level it is sent what
/// came before from the log, for it alone, and what comes meanwhile waits for it; when too much has gathered it is let
/// go of, and the client reads on in the log: no client costs more than its limit, and none is sent less.
final class StreamHub: Sendable {
    private struct Listener {
        enum Stage {
            /// It is sent what is on the log, far from its end.
            case behind
            /// It is sent the rest; what came meanwhile waits.
            case held([StreamPiece])
            /// It is sent what comes.
            case level
        }

        let feed: EventFeed
        let admission: Admission
        var stage: Stage
    }

    private struct State {
        /// Unknown until the reader stands.
        var place: EventsPlace?
        var listeners: [Int: Listener] = [:]
        var count = 0
        /// Clients that are being sent what was before.
        var replays = 0
    }

    /// Events that wait for a client that is still behind, and their bytes; its feed has room for as many.
    static let maximumHeldEvents = EventFeed.defaultMaximumEvents / 2
    static let maximumHeldBytes = EventFeed.defaultMaximumBytes / 2
    /// Clients that read in the log for themselves at one time; others wait for their turn.
    static let maximumReplays = 8
    static let readWait: Duration = .milliseconds(500)
    static let lagEvery: Duration = .seconds(5)
    /// The more listen, the longer events gather before they go out together: a write for each client and each event
    /// would cost more than the events.
    static let gatheringPerListener: Duration = .microseconds(50)
    static let maximumGathering: Duration = .milliseconds(25)

    let limit: Int
    private let log: any EventLog
    private let metrics: APIMetrics
    private let lag: LagSight
    private let state = Mutex(State())

    init(_ log: any EventLog, _ metrics: APIMetrics, _ lag: LagSight, limit: Int) {
        self.log = log
        self.metrics = metrics
        self.lag = lag
        self.limit = limit
    }

    /// Reads until cancelled; when the log fails, every client is ended: it comes again with its last id.
    func run() async {
        while !Task.isCancelled {
            do { try await follow() } catch {
                let ended = state.withLock { state in
                    defer { state.listeners = [:] }
                    state.place = nil
                    return Array(state.listeners.values)
                }
                for listener in ended { listener.feed.finish() }
                metrics.streams.set(0)
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { break }
        }
    }

    private func follow() async throws {
        let bounds = try await log.bounds(of: EventsPlace.sources)
        var next: [TopicPartition: Int64] = [:]
        for source in EventsPlace.sources {
            guard let held = bounds[source] else { throw LogError(.read, .unknownPartition(source)) }
            next[source] = held.end
        }
        let reader = try await log.reader(
            from: next.mapValues { ReadStart.offset($0) },
            ReadOptions(maximumRecords: 1_000, maximumBytes: Self.maximumHeldBytes, headers: false))
        state.withLock { $0.place = EventsPlace(next) }
        let outcome: Result<Void, any Error>
        do {
            try await publish(from: reader)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    private func publish(from reader: any EventReader) async throws {
        var (looked, saidLag) = (ContinuousClock.now, ContinuousClock.now)
        while !Task.isCancelled {
            let batch = try await reader.next(waiting: Self.readWait)
            let level = batch.isEmpty && batch.next.isEmpty ? 0 : publish(batch)
            let now = ContinuousClock.now
            if now - looked >= Self.readWait {
                looked = now
                prune()
            }
            if now - saidLag >= Self.lagEvery {
                saidLag = now
                sayLag()
            }
            if level > 20 {
                try await Task.sleep(for: min(Self.gatheringPerListener * level, Self.maximumGathering))
            }
        }
    }

    /// How many it went out to.
    private func publish(_ batch: RecordBatch) -> Int {
        let (piece, level) = state.withLock { state -> (StreamPiece, [EventFeed]) in
            guard var place = state.place else { return (StreamPiece(), []) }
            for (source, next) in batch.next { place.next[source] = next }
            state.place = place
            // Nobody listens: nothing is made.
            guard !state.listeners.isEmpty else { return (StreamPiece(), []) }
            let piece = StreamText.piece(batch, at: place)
            var level: [EventFeed] = []
            for (number, listener) in state.listeners {
                switch listener.stage {
                case .behind: break
                case .level: level.append(listener.feed)
                case .held(var pieces):
                    state.listeners[number]?.stage = .behind
                    pieces.append(piece)
                    let (events, bytes) = pieces.reduce((0, 0)) { ($0.0 + $1.events, $0.1 + $1.bytes.count) }
                    // It is let go of, and told so when it asks to be released.
                    guard events <= Self.maximumHeldEvents, bytes <= Self.maximumHeldBytes else { continue }
                    state.listeners[number]?.stage = .held(pieces)
                }
            }
            return (piece, level)
        }
        if piece.events > 0 { send(piece, to: level) }
        return level.count
    }

    private func send(_ piece: StreamPiece, to feeds: [EventFeed]) {
        for feed in feeds {
            let wasOpen = !feed.isEnded
            let isKept = feed.send(piece.bytes, events: piece.events)
            if wasOpen && !isKept { metrics.streamsCut.increment() }
        }
    }

    /// It has no id: a client that comes again is told anew.
    private func sayLag() {
        let level = state.withLock { state in
            state.listeners.values.compactMap { if case .level = $0.stage { $0.feed } else { nil } }
        }
        guard !level.isEmpty else { return }
        var piece = StreamPiece()
        piece.append(ServerEvent(name: "lag", data: lag.text))
        send(piece, to: level)
    }

    /// Whoever has gone takes no more room, and whoever may not listen any more is ended.
    private func prune() {
        // Outside the lock: the file of tokens is looked at.
        for listener in state.withLock({ Array($0.listeners.values) }) where !listener.admission.holds {
            listener.feed.finish()
        }
        let count = state.withLock { state in
            state.listeners = state.listeners.filter { !$0.value.feed.isEnded }
            return state.listeners.count
        }
        metrics.streams.set(count)
    }
}

/// How a client comes, gets level, and goes.
extension StreamHub {
    /// A new client; with the place from which on everything waits for it until `release`.
    func join(_ feed: EventFeed, _ admission: Admission) throws -> (number: Int, place: EventsPlace) {
        try seat(feed, admission, .held([]))
    }

    /// A new client far from the end: nothing waits for it until `hold`.
    func joinBehind(_ feed: EventFeed, _ admission: Admission) throws -> (number: Int, place: EventsPlace) {
        try seat(feed, admission, .behind)
    }

    private func seat(
        _ feed: EventFeed, _ admission: Admission, _ stage: Listener.Stage
    ) throws -> (number: Int, place: EventsPlace) {
        try state.withLock { state in
            guard let place = state.place else { throw Problem(.logUnavailable, "the log cannot be read now") }
            if state.listeners.count >= limit { state.listeners = state.listeners.filter { !$0.value.feed.isEnded } }
            guard state.listeners.count < limit else {
                throw Problem(.tooManyStreams, "\(limit) clients listen already (TORGHUT_API_STREAMS)")
            }
            state.count += 1
            state.listeners[state.count] = Listener(feed: feed, admission: admission, stage: stage)
            return (state.count, place)
        }
    }

    /// Where the end is now; `nil` when this client was ended.
    func end(for number: Int) -> EventsPlace? {
        state.withLock { state in state.listeners[number] == nil ? nil : state.place }
    }

    /// From now on everything waits for it; with the place up to which it must still be sent what was before.
    func hold(_ number: Int) -> EventsPlace? {
        state.withLock { state in
            guard state.listeners[number] != nil else { return nil }
            state.listeners[number]?.stage = .held([])
            return state.place
        }
    }

    /// The client is level: what waited for it goes out, then what comes.
    ///
    /// False when too much had gathered meanwhile.
    func release(_ number: Int) -> Bool {
        // Under the lock, so that nothing newer overtakes what waited.
        state.withLock { state in
            guard let listener = state.listeners[number] else { return true }
            guard case .held(let pieces) = listener.stage else { return false }
            for piece in pieces where piece.events > 0 { listener.feed.send(piece.bytes, events: piece.events) }
            state.listeners[number]?.stage = .level
            return true
        }
    }

    func leave(_ number: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: number) } }

    /// Whether this client may read for itself now.
    func beginReplay() -> Bool {
        state.withLock { state in
            guard state.replays < Self.maximumReplays else { return false }
            state.replays += 1
            return true
        }
    }

    func endReplay() { state.withLock { $0.replays -= 1 } }
}
