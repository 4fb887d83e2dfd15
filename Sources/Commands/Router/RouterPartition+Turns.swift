internal import Core
internal import Domain
internal import Folding
internal import Telemetry
internal import Wire

/// The work of an owner, turn by turn: take in what came, step, append, and only then act.
extension RouterPartition {
    func turn(_ life: RouterLife, _ calls: inout DiscardingTaskGroup) async throws {
        let seen = inbox.arrived
        life.take(inbox.take(upTo: setup.limits.answersPerTurn))
        let hasRead = try takeIn(life)
        let hasRoom = inbox.takeRoom()
        if life.unsaved.isEmpty, !hasRead, !hasRoom, ContinuousClock.now < life.nextTick {
            await inbox.wait(after: seen, until: life.nextTick)
            return
        }
        refresh(life)
        while let input = life.next() {
            step(input, life)
            if life.events.count >= setup.limits.eventsPerAppend { try await flush(life, &calls) }
        }
        // Answers moved their own intents on; whoever waits for room may begin.
        step(.room, life)
        tick(life)
        try await flush(life, &calls)
        await keep(life, always: false)
    }

    /// Looking at every open intent costs time: it is done when something came that may concern any of them, and in
    /// bounds.
    private func tick(_ life: RouterLife) {
        let start = ContinuousClock.now
        guard start >= life.nextTick || life.isTickDue && start >= life.earliestTick else {
            if life.isTickDue { life.nextTick = min(life.nextTick, life.earliestTick) }
            return
        }
        step(.tick, life)
        life.isTickDue = false
        let now = ContinuousClock.now
        life.earliestTick = now + (now - start) * (setup.limits.tickShare - 1)
        life.nextTick = max(life.earliestTick, now + setup.limits.tick)
        guard now >= life.nextGauge else { return }
        life.nextGauge = now + setup.limits.tick
        gauge(life)
    }

    /// What the log does not say: how fresh control is, and whether this process is stopped.
    func refresh(_ life: RouterLife) {
        if let look = setup.control.look, life.controlNext >= look.end {
            life.session.controlSeenAt = max(life.session.controlSeenAt ?? look.askedAt, look.askedAt)
        }
        life.session.local = setup.localStop()
        let control = life.memory.state.control
        let stop: HeldBack? =
            control.kill.isEngaged ? .killSwitch : control.stop.isLatched ? .emergencyStop : nil
        life.permit.publish(stop, controlSeenAt: life.session.controlSeenAt)
        // While a record that we need is not read, nothing new may leave: we do not know what we were told.
        if life.kept.unread.isHolding {
            life.session.controlSeenAt = nil
            life.permit.publish(stop ?? .unreadRecord, controlSeenAt: nil)
        }
        // Whoever is leaving begins nothing new; what is prepared may still go out.
        if inbox.isEnding { life.session.controlSeenAt = nil }
    }

    func step(_ input: RouterInput, _ life: RouterLife) {
        let lent = setup.gate.lend()
        (life.session.room, life.session.shortOf) = (lent, [])
        let step = router.step(input, at: setup.time.now(), &life.memory.state, &life.session)
        setup.gate.settle(lent, used: step.actions.compactMap(\.sendsBy))
        if !life.session.shortOf.isEmpty {
            setup.gate.wait(for: life.session.shortOf, partition) { [inbox] in inbox.offerRoom() }
        }
        for event in step.events { life.memory.note(event) }
        life.events += step.events
        life.actions += step.actions
    }

    /// One append for all steps since the last; nothing is done before it is durable.
    func flush(_ life: RouterLife, _ calls: inout DiscardingTaskGroup) async throws {
        if !life.events.isEmpty {
            setup.probe.at(.stepped)
            unwrittenSince = unwrittenSince ?? .now
            try await append(life)
            setup.probe.at(.appended)
            setup.observer.progressed(partition)
            show(life)
        }
        life.saved()
        wrote()
        let actions = life.actions
        life.actions = []
        let doer = doer(of: life)
        for action in actions {
            inbox.begin()
            var doer = doer
            doer.trace = life.memory.state[action.intentID].map(Self.trace)
            calls.addTask { [inbox, doer] in inbox.end(await doer.perform(action)) }
        }
    }

    /// An intent's own span: its requests and what the broker says of its order hang below it.
    private static func trace(of intent: RoutedIntent) -> TraceContext {
        TraceContext(TraceParent.trace(of: intent.correlation), TraceContext.Span(intent.intentID.high))
    }

    private func doer(of life: RouterLife) -> RouterCalls {
        RouterCalls(
            adapters: setup.adapters, gate: setup.gate, permit: life.permit, timing: timing,
            scope: "\(TopicCatalog.route.name)/\(partition)", time: setup.time, probe: setup.probe,
            metrics: setup.metrics)
    }

    private func append(_ life: RouterLife) async throws {
        let records = life.events.map { event in
            var record = encoder.record(event)
            // Where the intent lies: nothing of its story may lie elsewhere.
            record.partition = record.topic == TopicCatalog.route.name ? partition : 0
            return record
        }
        let start = ContinuousClock.now
        var positions = position(life).map { [$0] } ?? []
        // Several appends where one would be too large: no action is done before the last of them.
        for chunk in AppendChunks(records) {
            let written = try await life.writer.append(Append(Array(chunk), positions: positions))
            positions = []
            for position in written where position.source.topic == TopicCatalog.route.name {
                life.own.insert(position.offset)
            }
        }
        setup.metrics.appended(records.count, .now - start)
        life.foldedSinceSnapshot += life.events.count
        life.events = []
    }

    /// How far intents are taken in, for whoever watches consumers; nothing starts from it.
    private func position(_ life: RouterLife) -> ConsumerPosition? {
        let source = TopicPartition(TopicCatalog.orderIntents.name, partition)
        guard let place = life.vector.places[source], place.next != life.told else { return nil }
        life.told = place.next
        return ConsumerPosition(
            consumer: Self.writerName(partition), source: source, next: place.next, anchor: place.anchor)
    }

    /// Ends what is on its way: answers are written down, and nothing new begins.
    func drain(_ life: RouterLife, _ calls: inout DiscardingTaskGroup) async throws {
        let deadline = ContinuousClock.now + timing.deadline + setup.limits.drain
        while !inbox.isQuiet, ContinuousClock.now < deadline {
            let seen = inbox.arrived
            refresh(life)
            life.take(inbox.take(upTo: setup.limits.answersPerTurn))
            while let input = life.next() { step(input, life) }
            // Questions are the next owner's to ask.
            life.actions.removeAll { $0.sendsBy == nil }
            try await flush(life, &calls)
            if !inbox.isQuiet { await inbox.wait(after: seen, until: min(deadline, .now + .milliseconds(100))) }
        }
        await readBack(life)
        await keep(life, always: true)
    }
}

extension RouterAction {
    fileprivate var intentID: IntentID {
        switch self {
        case .submit(let order), .replace(let order, _): order.intentID
        case .lookUp(let intent, _, _), .void(let intent, _, _, _), .cancel(let intent, _, _, _): intent
        }
    }

    /// The adapter by which this changes what is live; questions and cancellations make nothing live.
    var sendsBy: Adapter? {
        switch self {
        case .submit(let order), .replace(let order, _): order.adapter
        case .lookUp, .void, .cancel: nil
        }
    }
}
