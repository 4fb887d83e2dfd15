internal import Core
internal import Domain
internal import Ingest
internal import Telemetry

/// Stands by when a position is no longer on the log: an incident that a person ends, never a jump.
struct PositionWatch {
    typealias Stand = [FeedSource: ConsumerPosition]

    private static let lookEvery: Duration = .seconds(1)

    private let house: House
    private let part: String
    /// Where the positions are kept.
    private let log: any EventLog
    private let isLost: Gauge

    init(_ house: House, part: String, log: any EventLog) {
        self.house = house
        self.part = part
        self.log = log
        isLost = PositionMetrics(in: house.registry).isLost.labelled(part)
    }

    /// Works, and works on when a lost position was set anew.
    func guarding(_ readings: FeedReadings, _ body: () async throws -> Void) async throws {
        isLost.set(0)
        while !Task.isCancelled {
            // What the work may begin from: a position that is set while it fails is a new one. Who is away is told by
            // the work itself.
            let begun = try await standNow(readings)
            do { return try await body() } catch let error as LogError {
                guard let loss = LostPosition(error) else { throw error }
                let now = try await stand(readings)
                guard now.keys.contains(where: { $0.read == loss.place }) else { throw error }
                // From here on: the same place that is set once more is an answer as well.
                if loss.lasts(begun ?? now, now) { try await wait(for: readings, loss, since: now) }
            }
        }
    }

    private func wait(for readings: FeedReadings, _ loss: LostPosition, since before: Stand) async throws {
        let words = "\(loss.error); look with 'torghut feed position list', and decide with 'torghut feed position set'"
        house.logbook.error("feed_position_lost", ["part": .text(part), "why": .text(words)])
        house.board.set(IngestRole.name, part: part, .degraded, words)
        isLost.set(1)
        while loss.lasts(before, try await stand(readings)) { try await Task.sleep(for: Self.lookEvery) }
        isLost.set(0)
        house.logbook.info("feed_position_set", ["part": .text(part)])
        house.board.set(IngestRole.name, part: part, .leaderStarting, "its position was set")
    }

    /// Where the positions stand now; what is away is asked again.
    private func stand(_ readings: FeedReadings) async throws -> Stand {
        while true {
            if let stand = try await standNow(readings) { return stand }
            try await Task.sleep(for: Self.lookEvery)
        }
    }

    /// `nil` while what says so is away.
    private func standNow(_ readings: FeedReadings) async throws(LogError) -> Stand? {
        do throws(LogError) {
            return try await FeedSource.positions(of: try await readings.sources(), in: log)
        } catch {
            guard error.disposition == .retry || error.disposition == .reopen else { throw error }
            return nil
        }
    }
}

/// A position that the log no longer has, or has with another record before it.
private struct LostPosition {
    let error: LogError
    let place: TopicPartition
    private let asked: Int64?

    init?(_ error: LogError) {
        switch error.reason {
        case .positionOutOfRange(let place, let asked, _): (self.place, self.asked) = (place, asked)
        case .anchorMismatch(let place, _): (self.place, asked) = (place, nil)
        default: return nil
        }
        self.error = error
    }

    /// Whether the work would still find what it found: its own steps on other partitions change nothing, and what it
    /// moved here before the loss is what it asked for.
    func lasts(_ before: PositionWatch.Stand, _ now: PositionWatch.Stand) -> Bool {
        let stand = now.first { $0.key.read == place }?.value
        return stand == before.first { $0.key.read == place }?.value || (asked != nil && stand?.next == asked)
    }
}

/// What is measured of the feed's positions.
struct PositionMetrics {
    let isLost: Family<Gauge>

    init(in registry: Registry) {
        isLost = registry.gauges(
            "torghut_order_feed_position_lost", "1 while a position waits for 'torghut feed position set'.",
            by: ["part"])
    }
}
