internal import Core

/// The log as one role sees it; how far the role reads is told to its `Reach`.
///
/// So no role has to say where it is, and none can forget to.
struct WatchedLog: ForwardedLog {
    let log: any EventLog
    let reach: Reach
    let time: any TimeSource

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        // Before it is opened: what comes meanwhile lies behind this end.
        let bounds = try await log.bounds(of: Array(starts.keys))
        let reader = try await log.reader(from: starts, options)
        var first: [TopicPartition: Int64] = [:]
        for (source, start) in starts {
            first[source] =
                switch start {
                case .beginning: bounds[source]?.begin ?? 0
                case .end: bounds[source]?.end ?? 0
                case .offset(let offset): offset
                case .after(let position): position.next
                }
        }
        return WatchedReader(reader: reader, reach: reach, number: reach.open(first, at: time.uptime()), time: time)
    }
}

private struct WatchedReader: EventReader {
    let reader: any EventReader
    let reach: Reach
    let number: Int
    let time: any TimeSource

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        reach.asked(number, at: time.uptime())
        let batch = try await reader.next(waiting: limit)
        reach.handed(number, batch)
        return batch
    }

    func close() async {
        await reader.close()
        reach.closed(number)
    }
}
