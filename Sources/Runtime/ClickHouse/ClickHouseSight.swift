/// Tables of the original whose age is watched, and by which column.
struct ClickHouseTable: Sendable {
    static let signals = ClickHouseTable(name: "ta_signals", time: "event_ts")
    static let microbars = ClickHouseTable(name: "ta_microbars", time: "window_end")
    static let all = [signals, microbars]
    /// Tables of events end in this; deploy/clickhouse makes them.
    static let eventsSuffix = "_log"

    let name: String
    let time: String
}

/// What one look at ClickHouse saw.
struct ClickHouseSight: Sendable, Equatable {
    struct Newest: Sendable, Equatable {
        let seconds: Double
        var isByParts = false
        var isFallback = false
    }

    struct Disk: Sendable, Equatable {
        let free: Double
        let total: Double
    }

    struct Replica: Sendable, Equatable {
        let name: String
        var isUp = false
        var disk: Disk?
        var isReadOnly: Bool?
        /// By table of technical analysis; one that is not there is not in it.
        var newest: [String: Newest] = [:]
        /// By table of events.
        var events: [String: Double] = [:]
        /// What it did not answer, if anything.
        var fault: String?
    }

    var replicas: [Replica] = []
    /// Why nobody could say which replicas there are, or not all were asked.
    var fault: String?

    var isWhole: Bool { fault == nil && !replicas.isEmpty && replicas.allSatisfy { $0.fault == nil } }

    /// `nil`: nobody could say.
    var isReadOnly: Bool? {
        let known = replicas.compactMap(\.isReadOnly)
        return known.isEmpty ? nil : known.contains(true)
    }

    /// The newest over all replicas: one that lags is seen by its queue, and readers ask any.
    func newest(in table: String) -> Double? { replicas.compactMap { $0.newest[table]?.seconds }.max() }

    var events: [String: Double] {
        replicas.reduce(into: [:]) { all, replica in all.merge(replica.events) { max($0, $1) } }
    }

    /// Everything that was wrong, in words of our own.
    var faults: [String] {
        (fault.map { [$0] } ?? []) + replicas.compactMap { replica in replica.fault.map { "\(replica.name): \($0)" } }
    }
}
