internal import Core
internal import HTTPServer
internal import JSON

/// Brings one client from where it stood to where everybody is, from the log, as fast as it reads.
struct StreamReplay {
    /// A client that was away for longer begins anew.
    static let maximumEvents: Int64 = 100_000
    /// Nearer to the end than this, what comes waits for the client, so that it gets level.
    static let near: Int64 = 256
    /// What may wait for a client that reads slowly; then the reading in the log waits for it.
    static let maximumWaitingEvents = EventFeed.defaultMaximumEvents / 4
    static let maximumWaitingBytes = EventFeed.defaultMaximumBytes / 4
    /// A client that takes nothing for so long while there is more is cut.
    static let patience: Duration = .seconds(10)

    /// The client has gone, or must go.
    private struct Gone: Error {}

    let hub: StreamHub
    let number: Int
    let feed: EventFeed
    let log: any EventLog

    /// Until the client is level, or gone.
    func run(from place: EventsPlace) async {
        do {
            while !hub.beginReplay() {
                guard !feed.isEnded else { throw Gone() }
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch { return end() }
        do {
            var place = place
            repeat {
                guard let end = hub.end(for: number) else { throw Gone() }
                if end.distance(from: place) > Self.near { place = try await replay(from: place, to: end) }
                guard let now = hub.end(for: number) else { throw Gone() }
                // It fell behind further than anybody may.
                guard now.distance(from: place) <= Self.maximumEvents else { throw Gone() }
                guard now.distance(from: place) <= Self.near else { continue }
                guard let held = hub.hold(number) else { throw Gone() }
                place = try await replay(from: place, to: held)
            } while !hub.release(number)
        } catch { end() }
        hub.endReplay()
    }

    private func end() {
        hub.leave(number)
        feed.finish()
    }

    /// Everything between two places, in the order of the log; where it ended, which is the second or behind it.
    private func replay(from place: EventsPlace, to end: EventsPlace) async throws -> EventsPlace {
        var place = place
        let starts = EventsPlace.sources.reduce(into: [TopicPartition: ReadStart]()) { starts, source in
            let next = place.next[source] ?? 0
            if next < end.next[source] ?? 0 { starts[source] = .offset(next) }
        }
        guard !starts.isEmpty else { return place }
        let reader = try await log.reader(
            from: starts,
            ReadOptions(maximumRecords: 256, maximumBytes: Self.maximumWaitingBytes, headers: false))
        let outcome: Result<Void, any Error>
        do {
            while end.distance(from: place) > 0 {
                let batch = try await reader.next(waiting: .milliseconds(500))
                guard !feed.isEnded else { throw Gone() }
                try await send(batch, to: end, &place)
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
        return place
    }

    /// Each with its id: the client may be cut anywhere.
    private func send(_ batch: RecordBatch, to end: EventsPlace, _ place: inout EventsPlace) async throws {
        var parser = JSONParser()
        for entry in batch.entries where entry.offset < end.next[batch.source(of: entry)] ?? 0 {
            guard let value = batch.copy(of: entry.value) else { continue }
            let position = RecordPosition(batch.source(of: entry), entry.offset)
            place.next[position.source] = position.offset + 1
            let event = StreamText.event(position, value, id: place.id, &parser)
            try await waitForRoom()
            guard feed.send(event) else { throw Gone() }
        }
        // Holes are passed, but nothing that is not sent.
        for (source, next) in batch.next {
            place.next[source] = max(place.next[source] ?? 0, min(next, end.next[source] ?? next))
        }
    }

    private func waitForRoom() async throws {
        var (last, since) = (feed.backlog, ContinuousClock.now)
        while last.events >= Self.maximumWaitingEvents || last.bytes >= Self.maximumWaitingBytes {
            try await Task.sleep(for: .milliseconds(5))
            let backlog = feed.backlog
            guard !feed.isEnded else { throw Gone() }
            if backlog != last { (last, since) = (backlog, .now) }
            guard ContinuousClock.now - since < Self.patience else {
                feed.hangUp()
                throw Gone()
            }
        }
    }
}
