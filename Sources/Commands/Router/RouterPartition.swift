internal import Core
internal import Domain
internal import Telemetry
internal import Wire

/// Drives one partition of the router: takes it over, reads it to its end, and then carries its intents to the adapters.
///
/// It owns the partition through the log's writer of that name: opening it fences the owner before. Events of a step
/// are durable before anything that follows from them is done. When an append fails, state and session are thrown away
/// and folded again from the log, under a new epoch.
actor RouterPartition {
    let setup: RouterSetup
    let partition: Int32
    nonisolated let inbox: RouterInbox
    let router: Router

    var life: RouterLife?
    var encoder = EventEncoder()
    var patches = EventDecoder()
    /// In the order in which the feed counts them.
    nonisolated let sources: [TopicPartition]
    /// Counters that this process has shown already, once it has shown any.
    var shown = RouteCounts()
    var hasShown = false
    /// Since when something waits to be written; `nil` when nothing does.
    var unwrittenSince: ContinuousClock.Instant?
    /// What the last life knew, until the next has read the log to its end.
    var lastStanding = Standing()
    /// Orders whose end was asked for meanwhile.
    var askedUnwritten: [BrokerOrderID: Timestamp] = [:]

    init(_ setup: RouterSetup, _ partition: Int32) {
        self.setup = setup
        self.partition = partition
        inbox = RouterInbox(maximumWishes: setup.limits.waitingWishes)
        sources = RouterFeed.sources(of: partition)
        router = Router(setup.inForce, mint: EventMint.mint)
    }

    static func writerName(_ partition: Int32) -> String { "torghut.router.\(partition)" }

    /// Works until it is told to end; throws when another owner has the partition, or when it cannot go on.
    func run() async throws {
        var failure: (any Error)?
        // Calls outlive a life: an answer that comes after a restart is evidence for the next.
        await withDiscardingTaskGroup { calls in
            var pause = Self.shortestPause
            while !inbox.isEnding, failure == nil {
                do {
                    try await live(&calls) { pause = Self.shortestPause }
                } catch {
                    unwrittenSince = unwrittenSince ?? .now
                    await endLife()
                    guard !inbox.isEnding, let error = error as? LogError, error.isPassing else {
                        failure = inbox.isEnding && !(error is LogError) ? nil : error
                        break
                    }
                    setup.metrics.restarts.increment()
                    note(.restarting, error.description)
                    await inbox.wait(after: inbox.arrived, until: .now + pause)
                    pause = min(pause * 2, setup.limits.longestPause)
                }
            }
            await endLife()
            // From here on nothing that it knew is its own to end.
            wrote()
            // Said at once: calls on their way may take until their deadlines.
            tell(failure)
        }
        setup.metrics.forget(partition)
        if let failure { throw failure }
    }

    private static let shortestPause = Duration.milliseconds(50)

    private func tell(_ failure: (any Error)?) {
        guard let failure else { return note(.left, "") }
        guard let fenced = failure as? LogError, case .fenced = fenced.reason else {
            return note(.halted, "\(failure)")
        }
        setup.metrics.fenced.increment()
        note(.fenced, fenced.description)
    }

    var openCount: Int { life?.memory.state.openCount ?? 0 }

    func note(_ kind: RouterNote.Kind, _ text: String) {
        setup.observer.noted(RouterNote(kind, partition, text))
    }

    /// From taking over to the first failure, or to the end.
    private func live(_ calls: inout DiscardingTaskGroup, whenOwned: () -> Void) async throws {
        let writer = try await setup.log.writer(named: Self.writerName(partition))
        let life = RouterLife(writer, SendPermit(setup.localStop, lease: timing.controlLease))
        self.life = life
        try await catchUp(life)
        whenOwned()
        note(.owned, "epoch \(life.session.epoch), \(life.memory.state.openCount) open")
        show(life)
        step(.started, life)
        try await flush(life, &calls)
        while !inbox.isEnding { try await turn(life, &calls) }
        try await drain(life, &calls)
    }

    /// From here on nothing of this owner may be sent; what is on its way is reported to the next life, if there is one.
    private func endLife() async {
        guard let life else { return }
        life.permit.withdraw()
        // Calls that will not be made give back their places.
        for adapter in life.actions.compactMap(\.sendsBy) { setup.gate.end(adapter) }
        if life.isOwned { lastStanding = standing(of: life) }
        inbox.giveBack(life.unsaved)
        await life.feed?.close()
        await life.writer.close()
        self.life = nil
    }

    var timing: RoutingPolicy.Timing { setup.inForce.policy.routing.timing }
}

extension LogError {
    /// Whether folding everything again under a new epoch may help; an owner that was fenced must not come back alone.
    var isPassing: Bool {
        switch reason {
        case .fenced, .positionOutOfRange, .anchorMismatch, .damaged, .failed: false
        case .unknownTopic, .unknownPartition, .limitExceeded, .locked, .noSpace, .timedOut, .unavailable,
            .outcomeUnknown, .refused, .closed:
            true
        }
    }
}
