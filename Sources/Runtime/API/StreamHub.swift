internal import API
internal import Core
internal import HTTPServer
internal import JSON
internal import Synchronization
internal import Telemetry

/// Reads the log once for everybody who listens, and sends each of them what comes.
///
/// A client joins between two events, so that it misses none and is sent none twice. What it must be sent from before
/// is read for it alone, and what comes meanwhile waits for it, within a limit.
final class StreamHub: Sendable {
    private struct Listener {
        let feed: EventFeed
        /// What came while it was still sent what was before; `nil` when it is level.
        var held: [[UInt8]]?
    }

    private struct State {
        /// Unknown until the reader stands.
        var place: EventsPlace?
        var listeners: [Int: Listener] = [:]
        var count = 0
    }

    /// Events that wait for a client that is still behind.
    static let maximumHeld = 512
    static let readWait: Duration = .milliseconds(500)

    let limit: Int
    private let log: any EventLog
    private let metrics: APIMetrics
    private let state = Mutex(State())

    init(_ log: any EventLog, _ metrics: APIMetrics, limit: Int) {
        self.log = log
        self.metrics = metrics
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
            ReadOptions(maximumRecords: 1_000, maximumBytes: 1 << 20, headers: false))
        state.withLock { $0.place = EventsPlace(next) }
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                let batch = try await reader.next(waiting: Self.readWait)
                if !batch.isEmpty || !batch.next.isEmpty { publish(batch) }
                prune()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    private func publish(_ batch: RecordBatch) {
        let wakes = state.withLock { state -> [(EventFeed, [[UInt8]])] in
            guard var place = state.place else { return [] }
            for (source, next) in batch.next { place.next[source] = next }
            state.place = place
            let events = StreamText.events(batch, at: place)
            var out: [(EventFeed, [[UInt8]])] = []
            for (number, listener) in state.listeners {
                guard let held = listener.held else {
                    out.append((listener.feed, events))
                    continue
                }
                guard held.count + events.count <= Self.maximumHeld else {
                    state.listeners[number] = nil
                    listener.feed.finish()
                    continue
                }
                state.listeners[number]?.held = held + events
            }
            return out
        }
        for (feed, events) in wakes {
            let wasOpen = !feed.isEnded
            let isKept = events.allSatisfy { feed.send($0) }
            if wasOpen && !isKept { metrics.streamsCut.increment() }
        }
    }

    /// Whoever has gone takes no more room.
    private func prune() {
        let count = state.withLock { state in
            state.listeners = state.listeners.filter { !$0.value.feed.isEnded }
            return state.listeners.count
        }
        metrics.streams.set(count)
    }

    /// A new client, held back until `release`; with the place from which on it is sent everything.
    func join(_ feed: EventFeed) throws -> (number: Int, place: EventsPlace) {
        try state.withLock { state in
            guard let place = state.place else { throw Problem(.logUnavailable, "the log cannot be read now") }
            guard state.listeners.count < limit else {
                throw Problem(.tooManyStreams, "\(limit) clients listen already (TORGHUT_API_STREAMS)")
            }
            state.count += 1
            state.listeners[state.count] = Listener(feed: feed, held: [])
            return (state.count, place)
        }
    }

    /// The client is level: what waited for it goes out, then what comes.
    func release(_ number: Int) {
        // Under the lock, so that nothing newer overtakes what waited.
        state.withLock { state in
            guard let listener = state.listeners[number] else { return }
            for event in listener.held ?? [] { listener.feed.send(event) }
            state.listeners[number]?.held = nil
        }
    }

    func leave(_ number: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: number) } }
}

/// Records as events of a stream.
enum StreamText {
    /// The last of a batch has the id: from there on a client that comes again misses nothing.
    static func events(_ batch: RecordBatch, at place: EventsPlace) -> [[UInt8]] {
        var parser = JSONParser()
        var events: [[UInt8]] = []
        for (index, entry) in batch.entries.enumerated() {
            guard let value = batch.copy(of: entry.value) else { continue }
            let position = RecordPosition(batch.source(of: entry), entry.offset)
            let isLast = index == batch.count - 1
            events.append(event(position, value, id: isLast ? place.id : nil, &parser).bytes)
        }
        return events
    }

    static func event(
        _ position: RecordPosition, _ value: [UInt8], id: String?, _ parser: inout JSONParser
    ) -> ServerEvent {
        var json = JSONWriter(reserving: value.count + 128)
        var name = "record"
        json.beginObject()
        json.key("position")
        json.string("\(position)")
        json.key("event")
        do {
            let root = try parser.parse(value)
            if let type = root.field("event_type")?.string, Self.isName(type) { name = type }
            var compact: [UInt8] = []
            root.minify(into: &compact)
            json.raw(compact)
        } catch {
            // A stranger's bytes on our topics are not for a browser; their place is.
            json.null()
        }
        json.endObject()
        return ServerEvent(id: id, name: name, data: json.finish())
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2E || $0 == 0x5F }
    }
}
