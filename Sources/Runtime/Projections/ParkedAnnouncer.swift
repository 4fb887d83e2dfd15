internal import Core
internal import Domain
internal import Projections
internal import Wire

/// Tells parked records on `torghut.quarantine.v1`, each once for a projection's version.
///
/// The id of such an event comes from its record, so telling it twice would do no harm; but a new owner is told of all
/// that waits, and what is kept forever should not grow with every restart. So it reads first what was told.
actor ParkedAnnouncer {
    /// Ids that are remembered, 16 bytes each; beyond them something may be told twice.
    static let maximumRememberedIDs = 1_000_000

    private let house: House
    private var writer: (any EventWriter)?
    private var told: Set<EventID>?
    private var encoder = EventEncoder()
    private var seq: Int64 = 0
    private var last: Task<Bool, any Error>?

    init(_ house: House) { self.house = house }

    /// Says whether it was told now; throws when that failed.
    ///
    /// One at a time: two lanes at once would open the same writer twice, and the second fences the first.
    func announce(_ row: ParkedRow, of unit: UnitName) async throws -> Bool {
        let task = Task { [last] in
            _ = await last?.result
            return try await self.tell(row, of: unit)
        }
        last = task
        return try await task.value
    }

    private func tell(_ row: ParkedRow, of unit: UnitName) async throws -> Bool {
        var told: Set<EventID>
        if let known = self.told { told = known } else { told = try await readTold() }
        let event = try event(row, of: unit)
        guard told.insert(event.envelope.eventID).inserted else {
            self.told = told
            return false
        }
        do {
            try await open().append(Append([encoder.record(event)]))
        } catch {
            // A writer that failed once is opened anew for the next record.
            await close()
            throw error
        }
        if told.count <= Self.maximumRememberedIDs { self.told = told }
        return true
    }

    func close() async {
        await writer?.close()
        writer = nil
    }

    private func open() async throws -> any EventWriter {
        if let writer { return writer }
        // Of its own for each process: two of them tell different partitions' records.
        let opened = try await house.log.writer(named: "torghut.projections.\(house.process)")
        writer = opened
        return opened
    }

    private func event(_ row: ParkedRow, of unit: UnitName) throws -> Event {
        let position = row.place.position
        let payload = try RecordParked(row, of: unit)
        seq += 1
        let id = EventMint.eventID(
            .step(of: "\(unit.projection)/\(unit.version)/\(position)", payload.parkReason.rawValue))
        let now = house.time.now()
        let cause = Cause(
            topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: seq, source: try SourceName("projections"),
            correlation: StoryID(high: id.high, low: id.low), cause: cause)
        return Event(envelope, .quarantine(.recordParked(payload)))
    }

    private func readTold() async throws -> Set<EventID> {
        let sources = (0..<TopicCatalog.quarantine.spec.partitions).map {
            TopicPartition(TopicCatalog.quarantine.name, $0)
        }
        let bounds = try await house.log.bounds(of: sources).filter { $0.value.begin < $0.value.end }
        var found = Set<EventID>()
        guard !bounds.isEmpty else { return found }
        let reader = try await house.log.reader(
            from: bounds.mapValues { .offset($0.begin) }, ReadOptions(headers: false))
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await Self.read(reader, bounds, &found)) } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
        return found
    }

    private static func read(
        _ reader: any EventReader, _ bounds: [TopicPartition: Bounds], _ found: inout Set<EventID>
    ) async throws {
        var decoder = EventDecoder(wanting: [])
        var open = bounds
        while !open.isEmpty, found.count < maximumRememberedIDs {
            try Task.checkCancellation()
            let batch = try await reader.next(waiting: .seconds(1))
            for entry in batch.entries {
                guard let value = batch.copy(of: entry.value) else { continue }
                // What cannot be read was not told by us.
                guard case .passed(let envelope, _)? = try? decoder.decode(value) else { continue }
                found.insert(envelope.eventID)
            }
            for (source, next) in batch.next where next >= open[source]?.end ?? 0 { open[source] = nil }
        }
    }
}

extension RecordParked {
    /// The record as a projection parked it; of a large one, the first bytes.
    init(_ row: ParkedRow, of unit: UnitName) throws {
        let position = row.place.position
        let value = row.value ?? []
        self.init(
            record: try ParkedKey(position, key: row.recordKey, projection: unit.projection, version: unit.version),
            parkReason: ParkReason(rawValue: row.reason ?? "") ?? .foldRefused,
            eventType: row.eventType.flatMap { try? Code($0) }, errorPath: row.path.flatMap { try? Code($0) },
            detail: try Prose(row.detail.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown"),
            recordValue: try row.value.map { try Octets(Array($0.prefix(Octets.maximumBytes))) },
            recordBytes: Int64(value.count), recordTruncated: value.count > Octets.maximumBytes,
            recordSHA256: EventMint.content(value),
            recordTimestamp: Timestamp(nanoseconds: row.recordTime.microseconds.multipliedClamped(by: 1_000)))
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}
