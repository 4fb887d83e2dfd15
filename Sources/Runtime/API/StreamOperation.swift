internal import API
internal import Commands
internal import Core
internal import HTTPServer

/// `/trading/stream`: first what is in force, then everything as it comes; or everything since the last id.
enum StreamOperation {
    /// How long a snapshot may take to be as new as the place from which the stream goes on.
    static let patience: Duration = .seconds(5)

    static func made(_ hub: StreamHub, _ sight: ControlSight, _ lag: LagSight, _ house: House) -> Operation {
        Operation(
            .get, "/trading/stream", id: "streamEvents",
            "Decisions, routes, fills, gates and control as they come; Last-Event-ID goes on where it ended.",
            answers: [Operation.Answer(200, "Server-sent events.", .any, as: "text/event-stream")],
            problems: [.conflict, .logUnavailable, .tooManyStreams]
        ) { call in
            let feed = EventFeed()
            // Whoever asks for the headers alone does not listen.
            guard call.request.method != "HEAD" else {
                feed.finish()
                return .events(feed)
            }
            let id = call.request.header("Last-Event-ID") ?? ""
            let replay =
                id.isEmpty
                ? try await begin(feed, call.admission, hub, sight, lag, house)
                : try await goOn(from: id, feed, call.admission, hub, house)
            if let replay {
                // Ends with its feed, or when it is level.
                Task { await replay.0.run(from: replay.1) }
            }
            return .events(feed)
        }
    }

    /// A snapshot that is as new as the place behind which everything is sent; newer at most, never older.
    private static func begin(
        _ feed: EventFeed, _ admission: Admission, _ hub: StreamHub, _ sight: ControlSight, _ lag: LagSight,
        _ house: House
    ) async throws -> (StreamReplay, EventsPlace)? {
        let (number, place) = try hub.join(feed, admission)
        do {
            let deadline = ContinuousClock.now + patience
            while sight.now.next < place.next[ControlView.source] ?? 0 {
                guard ContinuousClock.now < deadline else {
                    throw Problem(.logUnavailable, "what is in force is not known now")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        } catch {
            hub.leave(number)
            throw error
        }
        feed.send(StreamText.retry)
        feed.send(StreamText.snapshot(at: place, control: ControlText.bytes(sight.now, house), lag: lag.text))
        guard !hub.release(number) else { return nil }
        return (StreamReplay(hub: hub, number: number, feed: feed, log: house.log), place)
    }

    private static func goOn(
        from id: String, _ feed: EventFeed, _ admission: Admission, _ hub: StreamHub, _ house: House
    ) async throws -> (StreamReplay, EventsPlace) {
        guard let place = EventsPlace(id: id) else {
            throw Problem(.malformedRequest, "Last-Event-ID is none of ours; begin without one")
        }
        let (number, end) = try hub.joinBehind(feed, admission)
        do { try await check(place, end, house.log) } catch {
            hub.leave(number)
            throw error
        }
        feed.send(StreamText.retry)
        return (StreamReplay(hub: hub, number: number, feed: feed, log: house.log), place)
    }

    private static func check(_ place: EventsPlace, _ end: EventsPlace, _ log: any EventLog) async throws {
        let bounds = try await log.bounds(of: EventsPlace.sources).mapValues { $0.begin..<max($0.begin, $0.end) }
        guard place.isWithin(bounds), end.distance(from: place) <= StreamReplay.maximumEvents else {
            throw Problem(.conflict, "what came since this id is not kept here, or is too much; begin without one")
        }
    }
}
