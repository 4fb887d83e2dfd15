import Core
import Domain
import Journal
import Synchronization
import Telemetry

/// The durable memory of every key: what is written here is on the disk before anybody acts or answers by it.
///
/// Appends of parallel requests share one sync: the journal groups what waits together.
final class Ledger: Sendable {
    /// What is known of an order of which nothing is proved, in this process alone.
    struct Doubt: Sendable {
        /// Since when no request of it is on its way from here, by the clock that never goes back.
        let since: Duration
        /// When the broker was last asked, and when it first knew nothing of it at a moment that counts.
        var lastLook: Duration?
        var firstAbsence: Duration?
        var isLooking = false
    }

    private struct State {
        var book: LedgerBook
        var flights: [ClientOrderID: Flight] = [:]
        /// The idempotency keys of what is on its way: two ids of one key are a conflict also before either is known.
        var flightKeys: [String: ClientOrderID] = [:]
        /// The newest epoch of each scope that is on the disk; a newer one counts from the moment it is seen.
        var durableEpochs: [String: Int64]
        var doubts: [ClientOrderID: Doubt] = [:]
        /// The journal took what it was given last.
        var isWritable = true
        var lastWrite: Duration

        func judge(_ asked: AskedOrder) -> LedgerBook.Admission {
            let judged = book.judge(asked)
            guard judged == .admitted else { return judged }
            if let holder = flightKeys[asked.key], holder != asked.clientOrderID { return .conflict }
            return flights[asked.clientOrderID] == nil ? .admitted : .open
        }

        mutating func release(_ id: ClientOrderID) {
            flights[id] = nil
            if let key = flightKeys.first(where: { $0.value == id })?.key { flightKeys[key] = nil }
        }
    }

    private let journal: Journal
    private let time: any TimeSource
    private let metrics: RunnerMetrics
    private let logbook: Logbook
    private let limits: RunnerSettings.Limits
    private let clock: UpkeepClock
    /// When this ledger was begun: what was sent before, it cannot know.
    private let birth: Timestamp
    private let state: Mutex<State>

    private init(_ house: RunnerHouse, _ read: LedgerReading, _ clock: UpkeepClock, birth: Timestamp) {
        let book = read.book
        self.clock = clock
        self.birth = birth
        journal = house.journal
        time = house.time
        metrics = house.metrics
        logbook = house.logbook
        limits = house.settings.limits
        let now = house.time.uptime()
        var first = State(book: book, durableEpochs: book.epochs, lastWrite: now)
        for entry in book.entries.values where !entry.isClosed { first.doubts[entry.clientOrderID] = Doubt(since: now) }
        state = Mutex(first)
    }

    /// Reads the whole ledger; what was received and has no outcome is in doubt from now on.
    static func open(_ house: RunnerHouse) async throws -> Ledger {
        let topic = TopicSpec(
            name: LedgerRecord.topic, partitions: 1,
            retentionMilliseconds: Int64(house.settings.limits.horizon / .milliseconds(1)))
        if house.journal.hasTopic(topic.name) {
            try await house.journal.adjust(topic)
        } else {
            try await house.journal.create([topic])
        }
        let limits = house.settings.limits
        var read = LedgerReading(
            book: LedgerBook(maximumKeys: limits.maximumKeys, maximumBytes: limits.maximumAnswerBytes))
        try await house.journal.readAll(of: topic.name) { value throws in read.take(try LedgerRecord(value)) }
        let clock = UpkeepClock(house.time, newest: read.newest)
        _ = read.book.forget(before: Self.horizon(clock.now(), limits))
        let birth = read.birth ?? house.time.now()
        let ledger = Ledger(house, read, clock, birth: birth)
        // One that cannot be written is as young at the next start as it is at this one.
        if read.birth == nil { _ = await ledger.isWritten([.birth(birth)]) }
        house.logbook.info(
            "ledger_opened", ["keys": .integer(read.book.count), "in_doubt": .integer(ledger.doubts.count)])
        ledger.gauge()
        return ledger
    }

    private static func horizon(_ now: Timestamp, _ limits: RunnerSettings.Limits) -> Timestamp {
        now.advanced(by: .zero - limits.horizon) ?? .earliest
    }

    // Writing

    /// Durable when this returns.
    func write(_ records: [LedgerRecord]) async throws(RunnerFault) {
        do {
            try await journal.append(
                Append(
                    records.map { record in
                        NewRecord(
                            topic: LedgerRecord.topic, partition: 0, key: Array(record.key.utf8), value: record.bytes)
                    }))
        } catch {
            metrics.ledgerFailures.increment()
            logbook.error("ledger_not_written", ["why": .failure(error)])
            state.withLock { $0.isWritable = false }
            throw .ledger
        }
        state.withLock { state in
            state.isWritable = true
            state.lastWrite = time.uptime()
        }
    }

    /// Whether something was written lately; else something is.
    func isWritable(within age: Duration) async -> Bool {
        let isProved = state.withLock { $0.isWritable && time.uptime() - $0.lastWrite < age }
        guard !isProved else { return true }
        return await isWritten([.probe(time.now())])
    }

    private func isWritten(_ records: [LedgerRecord]) async -> Bool {
        do throws(RunnerFault) {
            try await write(records)
            return true
        } catch { return false }
    }

    /// Whether requests from before this ledger may still be on their way, from another runner or a lost folder.
    var isYoung: Bool { time.now().since(birth) < limits.longestDeadline }

    // Epochs

    func isCurrent(_ epoch: Int64, in scope: String) -> Bool { state.withLock { $0.book.isCurrent(epoch, in: scope) } }

    /// Notes an epoch, durably; it counts from the moment it is seen, also when it cannot be written.
    ///
    /// Nobody goes on with an epoch that is not on the disk: whoever comes while it is not writes it as well.
    func note(_ epoch: Int64, in scope: String) async throws(RunnerFault) {
        let isDurable = try state.withLock { state throws(RunnerFault) in
            guard state.book.hasRoom(forScope: scope) else {
                throw .invalid("X-Torghut-Epoch-Scope: there are \(LedgerBook.maximumScopes) scopes already")
            }
            state.book.raise(epoch, in: scope)
            return epoch <= state.durableEpochs[scope] ?? .min
        }
        guard !isDurable else { return }
        try await write([.epoch(epoch, scope: scope)])
        state.withLock { $0.durableEpochs[scope] = max(epoch, $0.durableEpochs[scope] ?? .min) }
    }

    // Keys

    subscript(_ id: ClientOrderID) -> LedgerEntry? { state.withLock { $0.book[id] } }

    var hasRoom: Bool { state.withLock { $0.book.hasRoom } }

    func flight(of id: ClientOrderID) -> Flight? { state.withLock { $0.flights[id] } }

    /// What a request would meet; a key that is on its way counts as open.
    func judge(_ asked: AskedOrder) -> LedgerBook.Admission { state.withLock { $0.judge(asked) } }

    /// Takes the key and the id in memory, for whoever writes them next.
    func take(_ asked: AskedOrder, _ flight: Flight) -> LedgerBook.Admission {
        state.withLock { state in
            let judged = state.judge(asked)
            guard judged == .admitted else { return judged }
            state.flights[asked.clientOrderID] = flight
            state.flightKeys[asked.key] = asked.clientOrderID
            metrics.inFlight.set(state.flights.count)
            return .admitted
        }
    }

    /// Takes an id that nobody asked for yet, to void it.
    func take(_ id: ClientOrderID, _ flight: Flight) -> Bool {
        state.withLock { state in
            guard state.flights[id] == nil else { return false }
            state.flights[id] = flight
            return true
        }
    }

    /// The flight is over, with the entry that was written, or with none.
    func land(_ id: ClientOrderID, _ flight: Flight, _ entry: LedgerEntry?) {
        state.withLock { state in
            state.release(id)
            if let entry { place(entry, &state) }
        }
        flight.land()
        gauge()
    }

    /// A flight that ended without a proof.
    func doubt(_ entry: LedgerEntry, _ flight: Flight) {
        state.withLock { state in
            state.release(entry.clientOrderID)
            state.book.put(entry)
            state.doubts[entry.clientOrderID] = Doubt(since: time.uptime())
        }
        flight.land()
        gauge()
    }

    private func place(_ entry: LedgerEntry, _ state: inout State) {
        state.book.put(entry)
        if entry.isClosed { state.doubts[entry.clientOrderID] = nil }
    }

    // Doubts

    var doubts: [ClientOrderID: Doubt] { state.withLock { $0.doubts } }

    /// Takes one to look it up; `nil` when somebody looks already, or looked a moment ago.
    func beginLook(_ id: ClientOrderID, atMostEvery interval: Duration) -> Doubt? {
        state.withLock { state in
            guard var doubt = state.doubts[id], !doubt.isLooking else { return nil }
            let now = time.uptime()
            if let last = doubt.lastLook, now - last < interval { return nil }
            doubt.isLooking = true
            doubt.lastLook = now
            state.doubts[id] = doubt
            return doubt
        }
    }

    func endLook(_ id: ClientOrderID, firstAbsence: Duration?) {
        state.withLock { state in
            state.doubts[id]?.isLooking = false
            if let firstAbsence { state.doubts[id]?.firstAbsence = firstAbsence }
        }
    }

    /// What a look-up proved, durably.
    func settle(_ entry: LedgerEntry) async throws(RunnerFault) {
        try await write([.entry(entry)])
        state.withLock { place(entry, &$0) }
        gauge()
    }

    // Forgetting

    /// Forgets closed keys beyond the horizon, and gives their room back.
    ///
    /// What is in doubt for long, and the newest epochs, are written anew first: they never go. Nobody settles what is
    /// being written anew, so that the later record is the truer one.
    func maintain() async throws {
        let now = clock.now()
        let old = now.advanced(by: .zero - limits.horizon / 2) ?? .earliest
        let (entries, epochs, forgotten) = state.withLock { state in
            let forgotten = state.book.forget(before: Self.horizon(now, limits))
            let entries = state.book.entries.values.filter { entry in
                !entry.isClosed && entry.changedAt < old && state.doubts[entry.clientOrderID]?.isLooking == false
            }
            for entry in entries { state.doubts[entry.clientOrderID]?.isLooking = true }
            return (entries, state.book.epochs, forgotten)
        }
        defer { for entry in entries { endLook(entry.clientOrderID, firstAbsence: nil) } }
        let kept: [LedgerRecord] =
            [.birth(birth)] + entries.map(LedgerRecord.init) + epochs.map { .epoch($0.value, scope: $0.key) }
        for start in stride(from: 0, to: kept.count, by: 1_000) {
            try await write(Array(kept[start..<min(start + 1_000, kept.count)]))
        }
        try await journal.applyRetention(now: now.milliseconds)
        gauge()
        if forgotten > 0 { logbook.info("ledger_forgot", ["keys": .integer(forgotten)]) }
    }

    private func gauge() {
        let (keys, flights, doubts) = state.withLock { ($0.book.count, $0.flights.count, $0.doubts.count) }
        metrics.inFlight.set(flights)
        metrics.keys.set(keys)
        metrics.unresolved.set(doubts)
    }
}

extension RunnerFault {
    /// Nothing was sent, because it could not be written down first.
    static let ledger = RunnerFault(
        503, .notSent, code: "ledger_unavailable", detail: "the ledger cannot be written", taxonomy: .ledger)
}
