import Commands
import Core
import Domain
import Folding
import Runtime
import Threading
import Wire

/// A stop in paper mode, measured: from the order to the last submit, and until every open order is canceled.
struct KillDrill {
    static let defaultWait: Duration = .seconds(30)
    /// So long nothing new came: then the cancels that were asked for are all of them.
    static let quiet: Duration = .seconds(1)

    private let invocation: Invocation
    private let word: OperatorWord
    private let wait: Duration
    private let settings: Settings

    init(_ invocation: Invocation, _ word: OperatorWord, _ wait: Duration?) throws(UsageError) {
        self.invocation = invocation
        self.word = word
        self.wait = wait ?? Self.defaultWait
        settings = try invocation.settings()
        guard settings.policy.policy.trading.mode == .paper else {
            throw UsageError("a drill stops for real and cancels for real: it is for paper mode only (TRADING_MODE)")
        }
    }

    private static let sources = (0..<TopicCatalog.route.spec.partitions).map {
        TopicPartition(TopicCatalog.route.name, $0)
    }

    func run() async throws -> ExitCode {
        let before = try await OpenedLog.using(settings, to: .read) { opened in
            try await opened.log.bounds(of: Self.sources)
        }
        let report = try await Kill.stop(invocation, word, wait: min(wait, Kill.defaultWait))
        try report.print(json: invocation.json)
        guard case .success? = report.recorded else { return report.exitCode }
        let measured = try await OpenedLog.using(settings, to: .read) { opened in
            try await measure(report, opened.log, FoldVector(before.mapValues { FoldVector.Place(next: $0.end) }))
        }
        try measured.print(json: invocation.json)
        return report.exitCode == .ok && measured.isComplete ? .ok : .no
    }

    private func measure(
        _ report: KillReport, _ log: any EventLog, _ vector: FoldVector
    ) async throws -> DrillMeasure {
        var measure = DrillMeasure(report)
        let types = Set(
            [Route.Kind.attemptSent, .cancelRequested, .cancelConfirmed, .cancelRefused].map(EventType.route))
        let follower = try await LogFollower.open(
            log, Self.sources, at: vector, reading: { EventReading(wanting: types) })
        let start = ContinuousClock.now
        var last = start
        do {
            while ContinuousClock.now - start < wait {
                let batch = try await follower.next(waiting: .milliseconds(200))
                for record in batch { if case .fact(let event) = record.content { measure.take(event) } }
                if !batch.isEmpty { last = ContinuousClock.now }
                measure.observations = try await ControlView.read(log).observations.filter {
                    $0.engagedEventID == report.note.eventID
                }
                if measure.isComplete, ContinuousClock.now - last > Self.quiet { break }
            }
        } catch {
            await follower.close()
            throw error
        }
        await follower.close()
        return measure
    }
}

/// What the log says of a drill.
struct DrillMeasure {
    private let triggeredAt: Timestamp
    private let routers: Int
    private var lastSentAt: Timestamp?
    private var wanted = Set<EventID>()
    private var confirmed = Set<EventID>()
    private var confirmedAt: Timestamp?
    /// Their order was over when the cancel came to the broker: most were filled.
    private var tooLate = Set<EventID>()
    var observations: [KillSwitchObserved] = []

    init(_ report: KillReport) {
        triggeredAt = report.note.engagedAt
        routers = report.calls.filter { $0.process.roles.contains(RoleName.router.rawValue) }.count
    }

    mutating func take(_ event: Event) {
        guard case .route(let route) = event.content else { return }
        switch route {
        case .attemptSent(let sent) where sent.sentAt > triggeredAt:
            lastSentAt = max(lastSentAt ?? sent.sentAt, sent.sentAt)
        case .cancelRequested(let asked) where asked.cancelReason == .killSwitch: wanted.insert(asked.cancelID)
        case .cancelConfirmed(let done):
            confirmed.insert(done.cancelID)
            confirmedAt = max(confirmedAt ?? event.envelope.ingestTime, event.envelope.ingestTime)
        case .cancelRefused(let refused) where refused.isFinal: tooLate.insert(refused.cancelID)
        default: break
        }
    }

    /// Every router has said on the log that it stopped, and every order it wanted gone is, in whatever way.
    var isComplete: Bool {
        routers > 0 && observations.count >= routers && wanted.isSubset(of: confirmed.union(tooLate))
    }

    /// From the order to the last submit that went out after it; zero when none did.
    private var stopTime: Duration { lastSentAt.map { $0.since(triggeredAt) } ?? .zero }

    func print(json: Bool) throws {
        let stopped = observations.map(\.observedAt).max().map { $0.since(triggeredAt).milliseconds }
        let canceled = confirmedAt.map { $0.since(triggeredAt).milliseconds }
        var listing = Listing(
            "stop_us", "routers", "routers_stopped", "stopped_after_ms", "cancels", "cancels_confirmed",
            "cancels_too_late", "confirmed_after_ms")
        listing.add(
            .number(stopTime.microseconds), .number(Int64(routers)), .number(Int64(observations.count)),
            stopped.map { .number($0) } ?? .none, .number(Int64(wanted.count)),
            .number(Int64(wanted.intersection(confirmed).count)),
            .number(Int64(wanted.intersection(tooLate).subtracting(confirmed).count)),
            canceled.map { .number($0) } ?? .none)
        try listing.print(json: json)
        if !json { try StandardOutput().line("the switch is engaged; 'torghut resume' ends the drill") }
    }
}

extension Duration {
    fileprivate var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }

    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
