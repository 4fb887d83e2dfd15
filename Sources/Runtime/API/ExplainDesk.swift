internal import API
internal import Core
internal import Domain
internal import Postgres

/// Looks for stories on behalf of whoever may read: few at once, each for a limited time, and never on a thread that
/// others need.
final class ExplainDesk: Sendable {
    /// Readings of the log that go on at once; more wait for their turn.
    static let readings = 2

    private let house: House
    private let hints: SessionPool
    private let turns = ReadingTurns(ExplainDesk.readings)

    init(_ house: House, _ database: PostgresSettings) {
        self.house = house
        hints = SessionPool(
            StoryHints.hasty(database), maximumSessions: Self.readings, maximumWaiting: Self.readings,
            waitLimit: .seconds(2))
    }

    func close() { hints.close() }

    /// `nil` when no record names the id; a story that takes too long is given up.
    func story(_ id: String) async throws -> Story? {
        try await OperatorDesk(house: house).within(OperatorDesk.scanWait) { [house, hints, turns] in
            try await turns.take {
                let hint = await StoryHints.find(id, by: hints)
                return try await StorySearch(house.log).story(named: id, at: house.time.now(), hint: hint)
            }
        }
    }
}

/// So many at once: each reads a part of the log, and the disk is everybody's. Whoever is cancelled leaves the line.
actor ReadingTurns {
    private struct Waiter {
        let number: Int
        let wake: CheckedContinuation<Bool, Never>
    }

    /// More are told at once to come again.
    static let maximumWaiting = 8

    private var free: Int
    private var line: [Waiter] = []
    private var count = 0

    init(_ free: Int) { self.free = free }

    var waiting: Int { line.count }

    func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { pass() }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async throws {
        guard free == 0 else {
            free -= 1
            return
        }
        guard line.count < Self.maximumWaiting else {
            throw Problem(.logUnavailable, "\(line.count) wait for their turn already (maximumWaiting)")
        }
        count += 1
        let number = count
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                if Task.isCancelled { return wake.resume(returning: false) }
                line.append(Waiter(number: number, wake: wake))
            }
        } onCancel: {
            Task { await leave(number) }
        }
        guard isMine else { throw CancellationError() }
    }

    private func pass() {
        if line.isEmpty { free += 1 } else { line.removeFirst().wake.resume(returning: true) }
    }

    private func leave(_ number: Int) {
        guard let index = line.firstIndex(where: { $0.number == number }) else { return }
        line.remove(at: index).wake.resume(returning: false)
    }
}
