import Core
import Dispatch
import Glibc
import HTTPClient
import Runtime
import Synchronization
import Threading

/// Everything that runs, from the first look at the API to the last figures.
final class UpStage: Sendable {
    /// How it ended, and what is known then.
    struct Ending: Sendable {
        let figures: UpFigures
        let look: UpSight.Look
        /// It ended because its time was over, and not because somebody said so.
        let isOver: Bool
    }

    /// What has not ended so long after it was told to is killed; the rest of the five seconds is for the end itself.
    static let stopLimit: Duration = .seconds(4)
    /// What has not ended by then is ended by force: a hang of ours is no reason to stay.
    private static let lastMilliseconds = 4_900
    /// The trader's first decision waits so long for the first look at the account.
    private static let accountWait: Duration = .seconds(5)
    private static let traderWait: Duration = .milliseconds(400)
    private static let readyLimit: Duration = .seconds(60)
    /// At its end by itself it waits so long for what is on its way.
    private static let quietLimit: Duration = .seconds(8)

    let opened: OpenedLog
    let folder: UpFolder
    let programs: UpPrograms
    let ports: UpPorts
    let tokens: UpTokens
    let notes: UpNotes
    private let stopAt = Mutex<ContinuousClock.Instant?>(nil)
    private let hasEnded = Mutex(false)
    /// The processes that the card names.
    private let cards = Mutex<[UpCard.Process]>([])

    init(
        opened: OpenedLog, folder: UpFolder, programs: UpPrograms, ports: UpPorts, tokens: UpTokens, notes: UpNotes
    ) {
        self.opened = opened
        self.folder = folder
        self.programs = programs
        self.ports = ports
        self.tokens = tokens
        self.notes = notes
    }

    var api: String { "http://127.0.0.1:\(ports.api)" }
    var console: String { "\(api)/#token=\(tokens.console)" }

    /// When what has not ended is killed; runs from the first time somebody asks.
    var deadline: ContinuousClock.Instant {
        stopAt.withLock { at in
            if let at { return at }
            let deadline = ContinuousClock.now + Self.stopLimit
            at = deadline
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Self.lastMilliseconds)) { [self] in
                guard !hasEnded.withLock({ $0 }) else { return }
                StandardError.line("torghut: not ended within five seconds; what is left is killed")
                programs.kill()
                _exit(ExitCode.failure.rawValue)
            }
            return deadline
        }
    }

    /// Everything has ended in time.
    func ended() { hasEnded.withLock { $0 = true } }

    /// Until its time is over, somebody says stop, or something cannot go on; the roles have ended when this returns.
    func run(
        _ house: UpHouse, _ options: UpOptions, _ began: ContinuousClock.Instant, database: String, json: Bool
    ) async -> Result<Ending, any Error> {
        let sight = UpSight(opened.log, api: api, token: tokens.console)
        let outcome: Result<Ending, any Error>
        do {
            let follower = try await UpFollower(opened.log)
            let isOver = try await watch(house, options, sight, follower, began, database, json: json)
            if isOver { await settle(sight, follower) }
            outcome = .success(Ending(figures: follower.now, look: sight.now, isOver: isOver))
        } catch { outcome = .failure(error) }
        let (programs, deadline) = (programs, deadline)
        // A task of its own: what stops everything is not itself stopped.
        return await Task {
            _ = await programs.trader?.stop(by: min(deadline, .now + Self.traderWait))
            do { try await house.stop() } catch { if case .success = outcome { return .failure(error) } }
            return outcome
        }.value
    }

    /// Answers whether its time was over; `false` is that it was told to end.
    private func watch(
        _ house: UpHouse, _ options: UpOptions, _ sight: UpSight, _ follower: UpFollower,
        _ began: ContinuousClock.Instant, _ database: String, json: Bool
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await house.ended()
                return false
            }
            group.addTask {
                try await follower.run()
                return false
            }
            group.addTask { [self] in
                try await programs.keep { self.writeCard(database) }
                return false
            }
            group.addTask { [self] in
                try await present(options, sight, follower, began, database, json: json)
                return true
            }
            defer { group.cancelAll() }
            do {
                let isOver = try await group.next() ?? false
                return Task.isCancelled ? false : isOver
            } catch is CancellationError { return false }
        }
    }

    /// Says where everything is as soon as it answers, lets decisions come, and shows how it goes.
    private func present(
        _ options: UpOptions, _ sight: UpSight, _ follower: UpFollower, _ began: ContinuousClock.Instant,
        _ database: String, json: Bool
    ) async throws {
        let limit = ContinuousClock.now + Self.readyLimit
        while await !sight.isListening() {
            guard ContinuousClock.now < limit else {
                throw UpFailure("the API did not answer within \(Self.readyLimit); see \(folder["logs"])/up.log")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        writeCard(database)
        let patience = ContinuousClock.now + Self.accountWait
        while options.hasTrader, !follower.now.knowsAccount, ContinuousClock.now < patience {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await programs.trader?.start()
        writeCard(database)
        let screen = UpScreen(console: console, began: began, json: json)
        try screen.begin(database: database, folder: folder, readyAfter: .now - began)
        let looking = Task { try await sight.run() }
        defer { looking.cancel() }
        let end = options.limit.map { ContinuousClock.now + $0 }
        while true {
            let now = ContinuousClock.now
            if let end, now >= end { return }
            try await Task.sleep(until: min(now + UpScreen.every, end ?? .now + UpScreen.every))
            // A server that was started again has another number.
            if cards.withLock({ $0 != programs.processes }) { writeCard(database) }
            try screen.show(follower.now, sight.now, notes.latest)
        }
    }

    /// No new decisions come: waits until what is on its way has arrived, and looks once more.
    private func settle(_ sight: UpSight, _ follower: UpFollower) async {
        _ = await programs.trader?.stop(by: .now + Self.traderWait)
        let limit = ContinuousClock.now + Self.quietLimit
        var before = (-1, -1)
        while ContinuousClock.now < limit {
            let now = follower.now
            let counts = (now.orders, now.fills)
            if counts == before, now.inDoubt.isEmpty { break }
            before = counts
            // Cancelled: somebody does not want to wait for the last figures.
            do { try await Task.sleep(for: .seconds(1)) } catch { break }
        }
        await sight.lookAtSafety()
    }

    private func writeCard(_ database: String) {
        let processes = programs.processes
        cards.withLock { $0 = processes }
        let card = UpCard(
            api: api, console: console, token: tokens.console, database: database,
            simulator: "http://127.0.0.1:\(ports.simulator)", runner: "http://127.0.0.1:\(ports.runner)",
            processes: processes)
        do { try folder.put(card.bytes, in: UpFolder.cardName) } catch { notes.tell("\(error)") }
    }
}
