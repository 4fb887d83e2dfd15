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
        var doubts: [ClientOrderID: Doubt] = [:]
        /// The journal took what it was given last.
        var isWritable = true
        var lastWrite: Duration
    }

    private let journal: Journal
    private let time: any TimeSource
    private let metrics: RunnerMetrics
    private let logbook: Logbook
    private let limits: RunnerSettings.Limits
    private let state: Mutex<State>

    private init(_ house: RunnerHouse, _ book: LedgerBook) {
        journal = house.journal
        time = house.time
        metrics = house.metrics
        logbook = house.logbook
        limits = house.settings.limits
        let now = house.time.uptime()
        var first = State(book: book, lastWrite: now)
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
        var book = LedgerBook(maximumKeys: house.settings.limits.maximumKeys)
        try await house.journal.readAll(of: topic.name) { value throws in
            switch try LedgerRecord(value) {
            case .entry(let entry): book.put(entry)
            case .epoch(let epoch, let scope): _ = book.raise(epoch, in: scope)
            case .probe: break
            }
        }
        _ = book.forget(before: Self.horizon(house.time.now(), house.settings.limits))
        let ledger = Ledger(house, book)
        house.logbook.info(
            "ledger_opened", ["keys": .integer(book.count), "in_doubt": .integer(ledger.doubts.count)])
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
        do {
            try await write([.probe(time.now())])
            return true
        } catch { return false }
    }

    // Epochs

    func isCurrent(_ epoch: Int64, in scope: String) -> Bool { state.withLock { $0.book.isCurrent(epoch, in: scope) } }

    /// Notes a newer epoch, durably; it counts from the moment it is seen, also when it cannot be written.
    func note(_ epoch: Int64, in scope: String) async throws(RunnerFault) {
        let isNewer = try state.withLock { state throws(RunnerFault) in
            guard state.book.hasRoom(forScope: scope) else {
                throw .invalid("X-Torghut-Epoch-Scope: there are \(LedgerBook.maximumScopes) scopes already")
            }
            return state.book.raise(epoch, in: scope)
        }
        if isNewer { try await write([.epoch(epoch, scope: scope)]) }
    }

    // Keys

    subscript(_ id: ClientOrderID) -> LedgerEntry? { state.withLock { $0.book[id] } }

    var hasRoom: Bool { state.withLock { $0.book.count < limits.maximumKeys } }

    func flight(of id: ClientOrderID) -> Flight? { state.withLock { $0.flights[id] } }

    /// What a request would meet; a key that is on its way counts as open.
    func judge(_ asked: AskedOrder) -> LedgerBook.Admission {
        state.withLock { state in
            let judged = state.book.judge(asked)
            return judged == .admitted && state.flights[asked.clientOrderID] != nil ? .open : judged
        }
    }

    /// Takes the key in memory, for whoever writes it next.
    func take(_ asked: AskedOrder, _ flight: Flight) -> LedgerBook.Admission {
        state.withLock { state in
            let judged = state.book.judge(asked)
            guard judged == .admitted else { return judged }
            guard state.flights[asked.clientOrderID] == nil else { return .open }
            state.flights[asked.clientOrderID] = flight
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
            state.flights[id] = nil
            if let entry { place(entry, &state) }
        }
        flight.land()
        gauge()
    }

    /// A flight that ended without a proof.
    func doubt(_ entry: LedgerEntry, _ flight: Flight) {
        state.withLock { state in
            state.flights[entry.clientOrderID] = nil
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
        let now = time.now()
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
        let kept = entries.map(LedgerRecord.init) + epochs.map { .epoch($0.value, scope: $0.key) }
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
