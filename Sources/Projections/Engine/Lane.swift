internal import Core
internal import Domain
internal import Postgres
internal import Telemetry
internal import Threading

/// Some units with one reader and one writing connection: reads, folds and commits, batch after batch.
///
/// While one batch is being committed the next is read and folded; a third is not begun. Whatever goes wrong, the lane
/// drops all it holds in memory and takes its units over again: there is no other way to recover.
actor Lane {
    private nonisolated let executor = BlockingExecutor("projections.fold")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    struct Assignment: Sendable {
        let projections: [StandingProjection]
        let partitions: [Int32]
        /// How far to go: then the lane ends; `nil` follows the log.
        var caps: [UnitName: FoldedVector]?
    }

    let context: LaneContext
    let assignment: Assignment
    private(set) var table = UnitTable([])
    /// Units that cannot go on, and why.
    private var halted: [UnitName: String] = [:]
    /// After a commit failed for what was in it, the units commit one by one until the culprit is found.
    private var isIsolating = false
    /// Units in which no more may wait, and that was told.
    var full: Set<UnitName> = []
    /// Under which epoch each unit was taken over last.
    private var epochs: [UnitName: Int64] = [:]
    /// The batch that is on its way.
    private var committing: Task<Void, any Error>?

    init(_ context: LaneContext, _ assignment: Assignment) {
        self.context = context
        self.assignment = assignment
    }

    /// Runs until the task is cancelled, until it is fenced, or until nothing is left that can go on.
    func run() async throws(LaneFailure) {
        var backoff = Self.patience
        while !Task.isCancelled {
            do {
                try await attempt { backoff.reset() }
                return
            } catch {
                guard let pause = try verdict(on: error, &backoff) else { continue }
                context.note(.retrying, "\(error)")
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// A database or log that is away comes back at some time: attempts never end, they only get rarer.
    private static let patience = Backoff(
        Backoff.Limits(first: .milliseconds(50), longest: .seconds(5), attempts: .max, total: .seconds(1 << 40)))

    private static func pause(_ backoff: inout Backoff) throws(LaneFailure) -> Duration {
        var random = SystemRandomNumberGenerator()
        do { return try backoff.next(using: &random) } catch { throw LaneFailure(.halted, "\(error)") }
    }

    /// How long to wait before another attempt, `nil` for not at all; throws when there must be none.
    private func verdict(on error: any Error, _ backoff: inout Backoff) throws(LaneFailure) -> Duration? {
        switch error {
        case let error as PostgresError:
            switch error.disposition {
            case .retry: return try Self.pause(&backoff)
            case .fenced: throw LaneFailure(.fenced, error.description)
            case .halt:
                guard !isIsolating, table.units.count > 1 else { throw halt("\(error)") }
                isIsolating = true
                return nil
            }
        case let error as FoldFailure:
            let what = "\(error.unit): \(error)"
            halted[error.unit] = what
            context.note(.halted, what)
            guard table.units.count > 1 else { throw LaneFailure(.halted, what) }
            return nil
        case let error as LogError:
            switch error.disposition {
            case .retry, .reopen: return try Self.pause(&backoff)
            case .reject, .halt: throw halt("\(error)")
            }
        case is CancellationError, is RoomAgain: return nil
        default: throw halt("\(error)")
        }
    }

    /// All units of this lane end, and each is named.
    private func halt(_ why: String) -> LaneFailure {
        let what = table.units.map(\.name.description).joined(separator: ", ") + ": " + why
        context.note(.halted, what)
        return LaneFailure(.halted, what)
    }
}

/// Why a lane ended.
struct LaneFailure: Error, Sendable, CustomStringConvertible {
    enum Reason: Sendable { case fenced, halted }
    let reason: Reason
    let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}

/// One life of a lane: from taking over to the first failure.
extension Lane {
    private func attempt(_ progressed: () -> Void) async throws {
        let writer = LaneWriter(context.database, limits: context.limits, probe: context.probe)
        let fetching = try OpenSession.lookingUp(context.database)
        let decoder = RecordDecoder.wanting(assignment.projections.map(\.type))
        try await takeOver(with: writer, decoder)
        let limits = context.limits
        let reader = try await context.log.reader(
            from: table.starts,
            ReadOptions(
                maximumRecords: limits.maximumBatchRecords, maximumBytes: limits.maximumBatchBytes, headers: false))
        let reading = ChunkReading(reader: reader, decoder: decoder, table: table, limits: limits)
        var outcome: Result<Void, any Error>
        do {
            try await pump(reading, fetching, writer, progressed)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        // Whatever was sent ends before the units are taken over again; what became of it is told first.
        if case .failure(let error)? = await committing?.result { outcome = .failure(error) }
        committing = nil
        await reader.close()
        await writer.close()
        try outcome.get()
    }

    private func takeOver(with writer: LaneWriter, _ decoder: RecordDecoder) async throws {
        let units = assignment.projections.flatMap { projection in
            assignment.partitions.filter { $0 < projection.type.partitions }.map { partition in
                projection.type.unit(
                    of: partition, version: projection.version, decoder, context.limits, isWhole: false)
            }
        }.filter { halted[$0.name] == nil }
        let acquired = try await writer.acquire(units.map(\.name), as: context.owner, holding: epochs)
        for (unit, found) in zip(units, acquired) {
            unit.cap = assignment.caps?[unit.name]
            unit.resume(at: found.checkpoint, parked: found.parked)
            epochs[unit.name] = found.checkpoint.epoch
        }
        table = UnitTable(units)
        decoder.bind(to: table.sources)
        try await LogCheck(log: context.log).check(acquired.map(\.checkpoint.vector), besides: table.starts)
        await announce(
            acquired.flatMap { found in
                found.parked.filter { $0.state == ParkedRow.State.parked.rawValue }.map { (found.unit, $0) }
            })
    }

    private func pump(
        _ reading: ChunkReading, _ fetching: OpenSession, _ writer: LaneWriter, _ progressed: () -> Void
    ) async throws {
        let done = CommitSignal()
        done.raise()
        while !Task.isCancelled && !isFinished {
            let chunk = try await reading.gather(isBusy: { !done.isRaised })
            let before = fetching.waits
            let writes = chunk.isEmpty ? [] : try fold(chunk, fetching)
            let fetched = fetching.waits - before
            try tellWhoIsFull()
            // The batch before this one: its end is learnt here, and only then is this one sent.
            try await committing?.value
            if committing != nil { progressed() }
            committing = nil
            guard !writes.isEmpty else { continue }
            done.lower()
            if isIsolating {
                try await writeOneByOne(writes, writer, fetched)
            } else {
                committing = Task.detached { [context] in
                    defer { done.raise() }
                    let waits = try await writer.write(writes, fetched: fetched)
                    await context.committed(writes, waits)
                }
            }
            try lookForRoom()
        }
        try await committing?.value
    }

    private var isFinished: Bool { assignment.caps != nil && table.isAtCap }

    private func fold(_ chunk: Chunk, _ fetching: OpenSession) throws -> [UnitWrite] {
        var fetch = RowFetch(fetching)
        try table.fold(chunk) { try fetch.fetch(for: $0) }
        context.probe.at(.fetched)
        return table.units.compactMap { unit in
            let write = unit.take(chunk)
            unit.evict(above: context.limits.maximumCachedRows)
            return write
        }
    }

    private func writeOneByOne(_ writes: [UnitWrite], _ writer: LaneWriter, _ fetched: Int) async throws {
        for write in writes {
            do {
                let waits = try await writer.write([write], fetched: fetched)
                await context.committed([write], waits)
            } catch let error as PostgresError where error.disposition == .halt {
                throw FoldFailure(unit: write.unit, description: error.description)
            }
        }
        isIsolating = false
    }

    private func announce(_ parked: [(UnitName, ParkedRow)]) async {
        for (unit, row) in parked { await context.announce(row, of: unit) }
    }
}
