internal import Core

/// Whether this log is the one that some vectors were folded from.
///
/// A reader checks the places where it begins, which are those of the slowest unit. Of every other place this asks the
/// same: it must lie within the log, and the record before it must be the one that was folded. Else a unit would pass
/// over what the log has in its place, without a word.
struct LogCheck {
    let log: any EventLog

    /// Throws what the log says of the first place that is not there.
    func check(_ vectors: [FoldedVector], besides known: [TopicPartition: ReadStart] = [:]) async throws(LogError) {
        var places: [TopicPartition: Set<ReadStart>] = [:]
        for vector in vectors {
            for source in vector.sources {
                let start = vector.start(of: source)
                if known[source] != start { places[source, default: []].insert(start) }
            }
        }
        // A reader has one start in each source; units that go on together stand at the same places.
        while !places.isEmpty {
            var starts: [TopicPartition: ReadStart] = [:]
            for source in places.keys.sorted() {
                starts[source] = places[source]?.popFirst()
                if places[source]?.isEmpty ?? true { places[source] = nil }
            }
            let reader = try await log.reader(from: starts, ReadOptions(maximumRecords: 1, headers: false))
            await reader.close()
        }
    }
}

extension FoldedVector {
    /// Where to read on in one source.
    func start(of source: TopicPartition) -> ReadStart {
        let place = self[source] ?? Place(next: 0)
        return .after(
            ConsumerPosition(consumer: "projections", source: source, next: place.next, anchor: place.anchor))
    }
}
