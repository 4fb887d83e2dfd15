internal import Core
internal import Domain

/// Reads a log from its first record to the caps of some units.
///
/// Operators' words come first: then never more records wait for them on the way than wait at the end.
final class CappedReading {
    private let log: any EventLog
    private let table: UnitTable
    private let decoder: RecordDecoder
    private let limits: ProjectionLimits
    private var reader: (any EventReader)?
    private var isHearing = true

    init(_ log: any EventLog, for table: UnitTable, _ decoder: RecordDecoder, _ limits: ProjectionLimits) {
        self.log = log
        self.table = table
        self.decoder = decoder
        self.limits = limits
        decoder.bind(to: table.sources)
    }

    /// What comes next; `nil` once every unit is at its cap.
    nonisolated(nonsending) func next() async throws -> Chunk? {
        guard !table.isAtCap else { return nil }
        if isHearing, table.units.allSatisfy(\.hasHeardAllWords) {
            await close()
            isHearing = false
        }
        let opened = try await open()
        return try await ChunkReading(reader: opened, decoder: decoder, table: table, limits: limits)
            .gather(isBusy: { false })
    }

    private nonisolated(nonsending) func open() async throws -> any EventReader {
        if let reader { return reader }
        let sources = table.sources.filter { ($0.topic == TopicCatalog.control.name) == isHearing }
        let opened = try await log.reader(
            from: sources.reduce(into: [:]) { $0[$1] = .offset(0) },
            ReadOptions(
                maximumRecords: limits.maximumBatchRecords, maximumBytes: limits.maximumBatchBytes, headers: false))
        reader = opened
        return opened
    }

    nonisolated(nonsending) func close() async {
        await reader?.close()
        reader = nil
    }
}

extension UnitTable {
    /// A unit that has no room for what waits reaches no cap.
    func checkRoom() throws(FoldFailure) {
        guard let full = units.first(where: \.isFull) else { return }
        throw FoldFailure(unit: full.name, description: full.fullness)
    }
}
