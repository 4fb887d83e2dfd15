internal import API
internal import Core
internal import HTTPServer
internal import JSON

/// `/trading/stream`: first what is in force, then everything as it comes; or everything since the last id.
enum StreamOperation {
    /// A client that was away for longer begins anew.
    static let maximumReplay: Int64 = 100_000
    /// Bytes that may wait for a client that is sent what was before; then the reading of it waits.
    static let replayRoom = EventFeed.defaultMaximumEvents / 2

    static func made(_ hub: StreamHub, _ sight: ControlSight, _ house: House) -> Operation {
        Operation(
            .get, "/trading/stream", id: "streamEvents",
            "Decisions, routes, fills, gates and control as they come; Last-Event-ID goes on where it ended.",
            answers: [Operation.Answer(200, "Server-sent events.", .any, as: "text/event-stream")],
            problems: [.conflict, .logUnavailable, .tooManyStreams]
        ) { call in
            let feed = EventFeed()
            guard let id = call.request.header("Last-Event-ID") else {
                let (number, place) = try hub.join(feed)
                feed.send(
                    ServerEvent(id: place.id, name: "snapshot", data: ControlText.bytes(sight.now, house)))
                hub.release(number)
                return .events(feed)
            }
            guard let place = EventsPlace(id: id) else {
                throw Problem(.malformedRequest, "Last-Event-ID is none of ours; begin without one")
            }
            let (number, level) = try hub.join(feed)
            do { try await check(place, level, house.log) } catch {
                hub.leave(number)
                throw error
            }
            // Ends with its feed, or when it is level.
            Task {
                do {
                    try await replay(from: place, to: level, into: feed, house.log)
                    hub.release(number)
                } catch {
                    hub.leave(number)
                    feed.finish()
                }
            }
            return .events(feed)
        }
    }

    private static func check(_ place: EventsPlace, _ level: EventsPlace, _ log: any EventLog) async throws {
        let bounds = try await log.bounds(of: EventsPlace.sources).mapValues { $0.begin..<max($0.begin, $0.end) }
        guard place.isWithin(bounds), level.distance(from: place) <= maximumReplay else {
            throw Problem(.conflict, "what came since this id is not kept here, or is too much; begin without one")
        }
    }

    /// Everything between two places, in the order of the log; waits for a client that reads slowly.
    private static func replay(
        from place: EventsPlace, to level: EventsPlace, into feed: EventFeed, _ log: any EventLog
    ) async throws {
        var place = place
        let open = EventsPlace.sources.filter { (place.next[$0] ?? 0) < (level.next[$0] ?? 0) }
        guard !open.isEmpty else { return }
        let starts = Dictionary(uniqueKeysWithValues: open.map { ($0, ReadStart.offset(place.next[$0] ?? 0)) })
        let reader = try await log.reader(
            from: starts, ReadOptions(maximumRecords: 256, maximumBytes: 1 << 18, headers: false))
        let outcome: Result<Void, any Error>
        do {
            var parser = JSONParser()
            while level.distance(from: place) > 0, !feed.isEnded {
                let batch = try await reader.next(waiting: .milliseconds(500))
                for entry in batch.entries where entry.offset < level.next[batch.source(of: entry)] ?? 0 {
                    guard let value = batch.copy(of: entry.value) else { continue }
                    let position = RecordPosition(batch.source(of: entry), entry.offset)
                    while feed.backlog >= replayRoom, !feed.isEnded { try await Task.sleep(for: .milliseconds(5)) }
                    place.next[position.source] = position.offset + 1
                    feed.send(StreamText.event(position, value, id: place.id, &parser))
                }
                for (source, next) in batch.next { place.next[source] = min(next, level.next[source] ?? next) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }
}
