internal import Core
internal import Domain
internal import Folding
internal import Telemetry
internal import Wire

/// What an owner takes in from the log, and what it shows of it.
extension RouterPartition {
    /// Everything there is, in the order it was taken in; then the epoch is known, and control is fresh.
    func catchUp(_ life: RouterLife) async throws {
        let (feed, kept, discarded) = try await RouterFeed.open(setup, partition, condition: condition) {
            [inbox] in inbox.wake()
        }
        if let discarded { note(.snapshot, "not used: \(discarded)") }
        (life.feed, life.kept) = (feed, kept)
        repeat { try await read(feed, life, .milliseconds(100)) } while await !feed.isCaughtUp
        // Reading all may have taken longer than a view of control is good for, so it is asked until both agree.
        repeat {
            try await setup.control.ask()
            while let look = setup.control.look, life.controlNext < look.end {
                try await read(feed, life, .milliseconds(20))
            }
        } while !isControlFresh(life)
        life.session = RouterSession(
            epoch: life.memory.epoch + 1, process: setup.process, source: SourceName(trusted: "router"))
        life.session.askedUnwritten = askedUnwritten
        await feed.follow()
        refresh(life)
        gauge(life)
    }

    /// What this owner appended itself comes back within moments; a snapshot waits for it, but not for long.
    func readBack(_ life: RouterLife) async {
        let deadline = ContinuousClock.now + setup.limits.drain
        while !life.own.isEmpty, ContinuousClock.now < deadline {
            let seen = inbox.arrived
            do {
                guard try !takeIn(life) else { continue }
            } catch {
                // It costs the snapshot, and nothing else.
                return note(.snapshot, "not kept: \(error)")
            }
            await inbox.wait(after: seen, until: min(deadline, .now + .milliseconds(100)))
        }
    }

    private func isControlFresh(_ life: RouterLife) -> Bool {
        guard let look = setup.control.look, life.controlNext >= look.end else { return false }
        return setup.time.now().since(look.askedAt) <= timing.controlLease / 2
    }

    private func read(_ feed: RouterFeed, _ life: RouterLife, _ wait: Duration) async throws {
        if inbox.isEnding { throw CancellationError() }
        let (batch, vector) = try await feed.read(waiting: wait)
        if let batch { for record in batch { fold(record, life) } }
        life.vector = vector
    }

    /// Folds what was read meanwhile; false when that is nothing.
    ///
    /// Throws when another owner has prepared here: the log's own fence speaks only to whoever writes.
    func takeIn(_ life: RouterLife) throws -> Bool {
        guard let (batch, vector) = try life.feed?.take() else { return false }
        life.vector = vector
        guard let batch else { return false }
        for record in batch {
            if isAnothers(record, life) { throw LogError(.read, .fenced(writer: Self.writerName(partition))) }
            fold(record, life)
        }
        return true
    }

    /// Whether an owner after this one wrote it, or one beside it that took over before either had written anything.
    private func isAnothers(_ record: FollowedRecord<Event>, _ life: RouterLife) -> Bool {
        guard case .fact(let event) = record.content, case .route(let route) = event.content,
            let epoch = route.ownerEpoch, !life.own.contains(record.offset)
        else { return false }
        return epoch >= life.session.epoch
    }

    func fold(_ record: FollowedRecord<Event>, _ life: RouterLife) {
        let source = sources[record.source]
        switch record.content {
        case .unreadable(let what):
            life.kept.unread.note(what)
            setup.metrics.unread.increment()
            note(.unread, "\(what)")
        case .fact(let event):
            if source.topic == TopicCatalog.route.name, life.own.remove(record.offset) != nil { return }
            if case .control(let control) = event.content, let patch = life.kept.unread.fold(control) {
                fold(patch, life)
            }
            fold(event, source, record.offset, life)
        }
    }

    /// What an operator gave in place of a record that could not be read.
    private func fold(_ patch: UnreadRecords.Patch, _ life: RouterLife) {
        let source = TopicPartition(patch.place.topic.text, Int32(truncatingIfNeeded: patch.place.partition))
        do {
            guard case .event(let event) = try patches.decode(patch.value),
                event.content.type.misplacement(among: EventFamily(topic: source.topic)) == nil
            else { return life.kept.unread.refuse(patch) }
            fold(event, source, patch.place.offset, life)
        } catch {
            life.kept.unread.refuse(patch)
            note(.unread, "the patch of \(patch.place) cannot be read either: \(error)")
        }
    }

    private func fold(_ event: Event, _ source: TopicPartition, _ offset: Int64, _ life: RouterLife) {
        guard isPlaced(event, source) else {
            setup.metrics.unread.increment()
            return note(.unread, "\(source)/\(offset) belongs to another partition")
        }
        if source.topic != TopicCatalog.orderIntents.name { life.isTickDue = true }
        let cause = Cause(topic: source.topic, partition: source.partition, offset: offset)
        life.memory.fold(event, at: cause, under: timing)
        life.foldedSinceSnapshot += 1
    }

    /// An intent on a wrong partition has another owner for the rest of its story: it is not routed.
    private func isPlaced(_ event: Event, _ source: TopicPartition) -> Bool {
        guard case .intents = event.content, let symbol = event.envelope.symbol else { return true }
        let right = Murmur2Partitioner.partition(
            forKey: Array(symbol.text.utf8), of: TopicCatalog.orderIntents.spec.partitions)
        return right == source.partition
    }

    /// Brings the counters up to what the log adds up to.
    func show(_ life: RouterLife) {
        let counts = life.memory.counts
        let fresh = setup.countsHistory || hasShown ? counts.subtracting(shown) : RouteCounts()
        setup.metrics.add(fresh)
        shown = counts
        hasShown = true
    }

    func gauge(_ life: RouterLife) {
        let state = life.memory.state
        var (inDoubt, overdue) = (0, 0)
        for id in state.open {
            guard let intent = state[id] else { continue }
            if intent.phase == .unknown || intent.replacement?.unknownSince != nil { inDoubt += 1 }
            if intent.hold?.isExceeded == true { overdue += 1 }
        }
        let name = "\(partition)"
        setup.metrics.inDoubt.labelled(name).set(inDoubt)
        setup.metrics.overdue.labelled(name).set(overdue)
        setup.metrics.open.labelled(name).set(state.openCount)
        setup.metrics.epoch.labelled(name).set(Double(life.session.epoch))
    }
}
