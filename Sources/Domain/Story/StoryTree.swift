internal import Core

/// Hangs every event of a story under the one that it followed from.
///
/// What is missing leaves no gap: its children hang under the next one above it.
struct StoryTree {
    private let story: Story
    private var children: [EventID: [(told: ToldEvent, role: StoryNode.Role)]] = [:]
    private var tops: [ToldEvent] = []

    init(_ story: Story) {
        self.story = story
        let finder = ParentFinder(story)
        for told in story.told {
            if let (parent, role) = finder.parent(of: told), parent != told.id, story.byID[parent] != nil {
                children[parent, default: []].append((told, role))
            } else {
                tops.append(told)
            }
        }
    }

    var roots: [StoryNode] {
        var shown: Set<EventID> = []
        var roots = tops.map { node($0, .followed, under: nil, &shown) }
        // Events that name one another in a circle hang under nothing: they are told all the same.
        for told in story.told where !shown.contains(told.id) {
            roots.append(node(told, .followed, under: nil, &shown))
        }
        let taken = Set(story.told.compactMap(\.messagePlace))
        for message in story.messages where !taken.contains(message.place) { roots.append(unread(message)) }
        return roots
    }

    private func node(
        _ told: ToldEvent, _ role: StoryNode.Role, under parent: ToldEvent?, _ shown: inout Set<EventID>
    ) -> StoryNode {
        shown.insert(told.id)
        var below: [StoryNode] = []
        for child in children[told.id] ?? [] where !shown.contains(child.told.id) {
            below.append(node(child.told, child.role, under: told, &shown))
        }
        let envelope = told.event.envelope
        return StoryNode(
            type: told.type.name, role: role, place: told.place, repeated: told.repeated, id: told.id,
            at: told.takenIn, source: envelope.source.text,
            latencyMicroseconds: parent.map { told.takenIn.since($0.takenIn).microseconds }, cause: envelope.cause,
            facts: FactCollector.facts(of: told.event), children: below)
    }

    private func unread(_ record: StoryRecord) -> StoryNode {
        var facts: [StoryFact] = []
        if case .message(let message) = record.content {
            let words: [(String, String?)] = [
                ("event", message.event?.text), ("status", message.status?.text),
                ("client_order_id", message.clientOrderID?.text), ("alpaca_order_id", message.alpacaOrderID?.text),
                ("execution_id", message.executionID?.text),
            ]
            facts = words.compactMap { name, text in text.map { StoryFact(name, .text($0)) } }
        }
        return StoryNode(
            type: "message", role: .unread, place: record.place, repeated: [], id: nil, at: record.takenIn,
            source: nil, latencyMicroseconds: nil, cause: nil, facts: facts, children: [])
    }
}

extension ToldEvent {
    var messagePlace: RecordPosition? {
        if case .orderEvents(.brokerUpdateRecorded(let update)) = event.content { update.messagePlace } else { nil }
    }
}

/// Finds what an event followed from, or the nearest that is there.
struct ParentFinder {
    private let story: Story
    private var decision: EventID?
    private var answer: EventID?
    private var intent: EventID?
    /// Who names a word of a gate or an operator.
    private var naming: [EventID: EventID] = [:]
    private var latches: [String: EventID] = [:]
    private var requests: [EventID: EventID] = [:]
    private var discrepancies: [EventID: EventID] = [:]

    init(_ story: Story) {
        self.story = story
        decision = story.decisions.first?.id
        answer = story.answers.first?.id
        intent = story.intent?.told.id
        for told in story.told {
            for (id, _) in told.event.content.namedWords(told.event.envelope) where naming[id] == nil {
                naming[id] = told.id
            }
            switch told.event.content {
            case .control(.emergencyStopLatched(let word)):
                if let key = word.incidentKey { latches[key.text] = latches[key.text] ?? told.id }
            case .route(.cancelRequested(let word)): requests[word.cancelID] = told.id
            case .route(.replaceRequested(let word)): requests[word.replaceID] = told.id
            case .orderEvents(.discrepancyFound(let word)):
                discrepancies[word.discrepancyID] = discrepancies[word.discrepancyID] ?? told.id
            default: break
            }
        }
    }

    func parent(of told: ToldEvent) -> (EventID, StoryNode.Role)? {
        switch told.event.content {
        case .decisions: return nil
        case .intents: return decision.map { ($0, .followed) }
        case .route(let said): return (above(said, told) ?? intent ?? decision).map { ($0, .followed) }
        case .orderEvents(let said): return (above(said) ?? intent ?? decision).map { ($0, .followed) }
        case .shadow(let said): return (above(said) ?? intent ?? decision).map { ($0, .followed) }
        case .strategyShadow: return (intent ?? decision).map { ($0, .followed) }
        case .control, .canary: return reason(told)
        case .account, .backtests, .heartbeats, .quarantine: return (intent ?? decision).map { ($0, .followed) }
        }
    }

    private func above(_ said: Route, _ told: ToldEvent) -> EventID? {
        if let key = said.attemptKey { return above(said, key) }
        switch said {
        case .intentHeld(let held): return held.attemptID.flatMap { story.attempt($0)?.unknown?.told.id }
        case .intentReleased(let released):
            if released.holdReason == .attemptUnknown {
                return story.attempts.last { $0.resolved.map { $0.told.place < told.place } ?? false }?.resolved?.told
                    .id
            }
            return story.routed.last { $0.told.place < told.place && $0.said.kind == .intentHeld }?.told.id
        case .intentWithdrawn:
            return story.attempts.last { $0.provedNotLive != nil }?.provedNotLive?.id
        case .cancelRequested(let word): return holder(of: word.order.alpacaOrderID, word.order.clientOrderID)
        case .cancelConfirmed(let word): return requests[word.cancelID]
        case .cancelRefused(let word): return requests[word.cancelID]
        case .replaceRequested(let word): return holder(of: word.order.alpacaOrderID, word.order.clientOrderID)
        case .replaceDone(let word): return requests[word.replaceID]
        case .replaceRefused(let word): return requests[word.replaceID]
        default: return nil
        }
    }

    private func above(_ said: Route, _ key: AttemptKey) -> EventID? {
        let attempt = story.attempt(key.attemptID)
        switch said {
        case .attemptPrepared(let prepared):
            if prepared.operation == .replace {
                for (told, said) in story.routed {
                    if case .replaceRequested(let request) = said, request.newClientOrderID == key.clientOrderID {
                        return told.id
                    }
                }
                return nil
            }
            return story.attempts.last { $0.fallback?.said.nextAttemptID == key.attemptID }?.fallback?.told.id
        case .attemptResolved: return attempt?.unknown?.told.id ?? attempt?.prepared?.told.id
        case .fallbackDecided:
            return attempt?.resolved?.told.id ?? attempt?.rejected?.told.id ?? attempt?.unknown?.told.id
                ?? attempt?.prepared?.told.id
        default: return attempt?.prepared?.told.id
        }
    }

    /// The word that says that the broker has this order.
    private func holder(of order: BrokerOrderID?, _ client: ClientOrderID?) -> EventID? {
        let named = story.attempts.last { attempt in
            let id = attempt.accepted?.said.alpacaOrderID ?? attempt.resolved?.said.alpacaOrderID
            return id != nil && id == order
        }
        let attempt =
            named
            ?? story.attempts.last { attempt in
                client != nil && attempt.first.event.content.attemptKey?.clientOrderID == client
            }
        guard let attempt else { return nil }
        let live = attempt.resolved.flatMap { $0.said.resolution == .live ? $0.told.id : nil }
        return attempt.accepted?.told.id ?? live ?? attempt.prepared?.told.id ?? attempt.first.id
    }

    private func above(_ said: OrderEvents) -> EventID? {
        switch said {
        case .brokerUpdateRecorded(let update): return holder(of: update.alpacaOrderID, update.clientOrderID)
        case .orderSnapshotObserved(let seen): return holder(of: seen.order.alpacaOrderID, seen.order.clientOrderID)
        case .discrepancyFound(let found): return holder(of: found.order.alpacaOrderID, found.order.clientOrderID)
        case .discrepancyResolved(let resolved): return discrepancies[resolved.discrepancyID]
        }
    }

    private func above(_ said: Shadow) -> EventID? {
        guard case .shadowParityJudged(let judged) = said else { return nil }
        return judged.supersedes.flatMap { story.byID[$0]?.id } ?? judged.simulatedEventID
    }

    private func reason(_ told: ToldEvent) -> (EventID, StoryNode.Role)? {
        if told.isInForce { return (answer ?? decision).map { ($0, .inForce) } }
        switch told.event.content {
        case .canary(.incidentOpened(let word)):
            if let latch = latches[word.incidentKey.text] { return (latch, .reason) }
        case .control(.laneDisabled(let word)):
            if let key = word.incidentKey, let latch = latches[key.text] { return (latch, .followed) }
        default: break
        }
        if let namer = naming[told.id] { return (namer, .reason) }
        return (answer ?? decision).map { ($0, .inForce) }
    }
}
