internal import Core
internal import Telemetry

/// Looks at ClickHouse again and again, beside whatever roles this process has; a scrape reads what it saw last.
struct ClickHouseWatch: Sendable {
    private let settings: ClickHouseSettings
    private let house: House
    private let metrics: ClickHouseMetrics

    /// `nil`: nobody named a ClickHouse.
    init?(_ house: House) throws(SettingsProblems) {
        guard let settings = try ClickHouseSettings.read(house.settings) else { return nil }
        self.settings = settings
        self.house = house
        metrics = ClickHouseMetrics(in: house.registry)
    }

    /// Until cancelled.
    func run() async throws {
        let look = ClickHouseLook(settings)
        var told: [String] = []
        var shown: [ClickHouseMetrics.Shown] = []
        while true {
            let sight = await look.look(until: .now + settings.interval)
            try Task.checkCancellation()
            let now = Double(house.time.now().nanoseconds / 1_000_000) / 1_000
            shown = metrics.show(sight, after: shown, at: now)
            // Each change is told once, not every look.
            if sight.faults != told {
                if sight.faults.isEmpty { house.logbook.info("clickhouse_answers") }
                for fault in sight.faults { house.logbook.warning("clickhouse_silent", ["why": .text(fault)]) }
                told = sight.faults
            }
            try await Task.sleep(for: settings.interval)
        }
    }
}

extension House {
    /// The watch on ClickHouse, where one is named: nothing else of the house asks it.
    public func watchClickHouse() async throws { try await ClickHouseWatch(self)?.run() }
}
