internal import Telemetry

/// How the ClickHouse beside us is, under the names that the original's exporter gave to it.
///
/// All are families, also those without labels: what is not measured has no series, and no zero.
struct ClickHouseMetrics: Sendable {
    private static let prefix = "torghut_clickhouse_guardrails_"

    let up: Family<Gauge>
    let freeBytes: Family<Gauge>
    let totalBytes: Family<Gauge>
    let freeRatio: Family<Gauge>
    let anyReadOnly: Family<Gauge>
    let signals: Family<Gauge>
    let microbars: Family<Gauge>
    let events: Family<Gauge>
    let lowMemoryMode: Family<Gauge>
    let lowMemory: Family<Counter>
    let fallbacks: Family<Counter>
    let success: Family<Gauge>
    let scrapedAt: Family<Gauge>

    init(in registry: Registry) {
        func gauges(_ name: String, _ help: String, by labels: [String] = []) -> Family<Gauge> {
            registry.gauges(Self.prefix + name, help, by: labels)
        }
        func counters(_ name: String, _ help: String) -> Family<Counter> {
            registry.counters(Self.prefix + name, help, by: ["table"])
        }
        up = gauges("clickhouse_up", "1 when a replica of ClickHouse answered the last look.", by: ["replica"])
        freeBytes = gauges("disk_free_bytes", "Bytes that are free on a replica's disk.", by: ["replica"])
        totalBytes = gauges("disk_total_bytes", "Bytes that a replica's disk has.", by: ["replica"])
        freeRatio = gauges("disk_free_ratio", "Which part of a replica's disk is free, from 0 to 1.", by: ["replica"])
        anyReadOnly = gauges("any_replica_readonly", "1 while a table of some replica takes no rows.")
        signals = gauges(
            "ta_signals_max_event_ts_seconds",
            "Event time of the newest signal in ClickHouse, in seconds since 1970; 0 while there is none.")
        microbars = gauges(
            "ta_microbars_max_window_end_seconds",
            "End of the newest bar in ClickHouse, in seconds since 1970; 0 while there is none.")
        events = gauges(
            "table_max_event_ts_seconds",
            "Event time of the newest row of a table of events in ClickHouse, in seconds since 1970.", by: ["table"])
        lowMemoryMode = gauges(
            "freshness_low_memory_mode", "1 when the newest row was last found by the table's parts.",
            by: ["replica", "table"])
        lowMemory = counters("freshness_low_memory_total", "How often the newest row was found by the table's parts.")
        fallbacks = counters(
            "freshness_fallback_total", "How often a query for the newest row failed and the parts were asked.")
        success = gauges("last_scrape_success", "1 when the last look at ClickHouse was answered whole.")
        scrapedAt = gauges("last_scrape_ts_seconds", "When ClickHouse was last looked at, in seconds since 1970.")
    }

    /// Shows what one look saw, and gives it for the next one.
    ///
    /// What an earlier one showed and this one did not see has no series from now on; what both saw is there all the time,
    /// so that a scrape between finds no hole.
    func show(_ sight: ClickHouseSight, after earlier: [Shown], at seconds: Double) -> [Shown] {
        for replica in sight.replicas {
            for (table, found) in replica.newest {
                if found.isByParts { lowMemory.labelled(table).increment() }
                if found.isFallback { fallbacks.labelled(table).increment() }
            }
        }
        // That a look is over is shown last: who sees it sees all of it.
        let shown = values(of: sight) + [Shown(scrapedAt, [], seconds), Shown(success, [], sight.isWhole ? 1 : 0)]
        for old in earlier where !shown.contains(where: { $0.isSame(old) }) { old.family.remove(old.labels) }
        for value in shown { value.family.set(value.labels, value.value) }
        return shown
    }

    private func values(of sight: ClickHouseSight) -> [Shown] {
        var shown: [Shown] = []
        for replica in sight.replicas {
            shown.append(Shown(up, [replica.name], replica.isUp ? 1 : 0))
            if let disk = replica.disk {
                shown.append(Shown(freeBytes, [replica.name], disk.free))
                shown.append(Shown(totalBytes, [replica.name], disk.total))
                if disk.total > 0 { shown.append(Shown(freeRatio, [replica.name], disk.free / disk.total)) }
            }
            for (table, found) in replica.newest {
                shown.append(Shown(lowMemoryMode, [replica.name, table], found.isByParts ? 1 : 0))
            }
        }
        if let isReadOnly = sight.isReadOnly { shown.append(Shown(anyReadOnly, [], isReadOnly ? 1 : 0)) }
        if let newest = sight.newest(in: ClickHouseTable.signals.name) { shown.append(Shown(signals, [], newest)) }
        if let newest = sight.newest(in: ClickHouseTable.microbars.name) { shown.append(Shown(microbars, [], newest)) }
        return shown + sight.events.map { Shown(events, [$0.key], $0.value) }
    }

    /// One series as it is shown.
    struct Shown: Sendable {
        let family: Family<Gauge>
        let labels: [String]
        let value: Double

        init(_ family: Family<Gauge>, _ labels: [String], _ value: Double) {
            self.family = family
            self.labels = labels
            self.value = value
        }

        func isSame(_ other: Shown) -> Bool { family === other.family && labels == other.labels }
    }
}

extension Family<Gauge> {
    /// These families have two labels at most.
    fileprivate func set(_ labels: [String], _ value: Double) {
        switch labels.count {
        case 0: labelled().set(value)
        case 1: labelled(labels[0]).set(value)
        default: labelled(labels[0], labels[1]).set(value)
        }
    }

    fileprivate func remove(_ labels: [String]) {
        switch labels.count {
        case 0: remove()
        case 1: remove(labels[0])
        default: remove(labels[0], labels[1])
        }
    }
}
