internal import Core
internal import Domain
internal import Ingest
internal import Telemetry

/// Stands by when a position is no longer on the log: an incident that a person ends, never a jump.
struct PositionWatch {
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
            do { return try await body() } catch let error as LogError where error.isLostPosition {
                try await wait(for: readings, error)
            }
        }
    }

    private func wait(for readings: FeedReadings, _ error: LogError) async throws {
        let words = "\(error); look with 'torghut feed position list', and decide with 'torghut feed position set'"
        house.logbook.error("feed_position_lost", ["part": .text(part), "why": .text(words)])
        house.board.set(IngestRole.name, part: part, .degraded, words)
        isLost.set(1)
        let before = try await stand(readings)
        while try await stand(readings) == before { try await Task.sleep(for: Self.lookEvery) }
        isLost.set(0)
        house.logbook.info("feed_position_set", ["part": .text(part)])
        house.board.set(IngestRole.name, part: part, .leaderStarting, "its position was set")
    }

    /// Where the positions stand now; what is away is asked again.
    private func stand(_ readings: FeedReadings) async throws -> [FeedSource: ConsumerPosition] {
        while true {
            do throws(LogError) {
                return try await FeedSource.positions(of: try await readings.sources(), in: log)
            } catch {
                guard error.disposition == .retry || error.disposition == .reopen else { throw error }
            }
            try await Task.sleep(for: Self.lookEvery)
        }
    }
}

extension LogError {
    fileprivate var isLostPosition: Bool {
        switch reason {
        case .positionOutOfRange, .anchorMismatch: true
        default: false
        }
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
