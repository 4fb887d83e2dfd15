internal import Core

/// What operators and gates said, and what a shadow lane found.
extension HoleFinder {
    mutating func lookAtWords() {
        var disabled: Set<String> = []
        var opened: Set<String> = []
        for told in story.told {
            switch told.event.content {
            case .control(.laneDisabled(let word)): if let key = word.incidentKey { disabled.insert(key.text) }
            case .canary(.incidentOpened(let word)): opened.insert(word.incidentKey.text)
            default: break
            }
        }
        for told in story.told where !told.isInForce {
            lookAtNames(of: told)
            guard case .control(let word) = told.event.content else { continue }
            lookAtRollback(word, told, disabled, opened)
        }
    }

    /// Every single event that one names must be there.
    private mutating func lookAtNames(of told: ToldEvent) {
        for (id, type) in told.event.content.namedWords(told.event.envelope) where !has(id) {
            let types = type.isEmpty ? Self.words : type
            miss(
                .gateWord, "\(id)", types, shownBy: told.place,
                "\(told.type.name) follows from an event that is not there")
        }
        if case .route(.attemptResolved(let resolved)) = told.event.content,
            resolved.foundBy == .operatorOverride, resolved.overrideEventID == nil
        {
            miss(
                .gateWord, "\(resolved.key.attemptID)", [.control(.overrideGranted)], shownBy: told.place,
                "settled by an operator's word that it does not name")
        }
        if case .orderEvents(.discrepancyResolved(let resolved)) = told.event.content {
            let isFound = story.told.contains {
                if case .orderEvents(.discrepancyFound(let found)) = $0.event.content {
                    found.discrepancyID == resolved.discrepancyID
                } else {
                    false
                }
            }
            if !isFound {
                miss(
                    .discrepancy, "\(resolved.discrepancyID)", [.orderEvents(.discrepancyFound)],
                    shownBy: told.place, "a discrepancy is resolved that nobody found")
            }
        }
    }

    private static let words: [EventType] = Control.Kind.allCases.map(EventType.control)

    /// A canary's rollback is one append: its incident, the stop and the lane.
    private mutating func lookAtRollback(
        _ word: Control, _ told: ToldEvent, _ disabled: Set<String>, _ opened: Set<String>
    ) {
        let key: String
        switch word {
        case .emergencyStopLatched(let latched):
            guard let incident = latched.incidentKey else { return }
            key = incident.text
            if !disabled.contains(key) {
                miss(
                    .laneSwitch, key, [.control(.laneDisabled)], shownBy: told.place,
                    "a rollback stops and disables together, and the lane was not disabled")
            }
        case .laneDisabled(let lane):
            guard let incident = lane.incidentKey else { return }
            key = incident.text
        default: return
        }
        if !opened.contains(key) {
            miss(
                .incident, key, [.canary(.incidentOpened)], shownBy: told.place,
                "\(told.type.name) names an incident that was not opened")
        }
    }

    mutating func lookAtShadow() {
        var (judged, simulated): (Set<EventID>, [(ToldEvent, ShadowSimulated)]) = ([], [])
        for told in story.told {
            switch told.event.content {
            case .shadow(.shadowSimulated(let said)): simulated.append((told, said))
            case .shadow(.shadowParityJudged(let said)):
                judged.insert(said.simulatedEventID)
                if !has(said.simulatedEventID) {
                    miss(
                        .simulation, "\(said.simulatedEventID)", [.shadow(.shadowSimulated)], shownBy: told.place,
                        "parity was judged of a simulation that is not there")
                }
                if let earlier = said.supersedes, !has(earlier) {
                    miss(
                        .parity, "\(earlier)", [.shadow(.shadowParityJudged)], shownBy: told.place,
                        "revision \(said.revision) takes the place of one that is not there")
                }
            default: break
            }
        }
        guard let end = story.end else { return }
        // What is no evidence is held against nothing.
        for (told, said) in simulated
        where said.authorityMode != .deterministicScaffold
            && said.simulatedFillPrice != nil && !judged.contains(told.id) && story.hasFill
            && isOverdue(max(end, told.takenIn), by: story.limits.parity)
        {
            miss(
                .parity, "\(told.id)", [.shadow(.shadowParityJudged)], shownBy: told.place,
                "the order ended, and its simulation was not held against it within \(story.limits.parity)")
        }
    }
}

extension DomainEvent {
    /// Events that this one says it follows from, besides its decision, intent and attempt, with what they may be.
    func namedWords(_ envelope: Envelope) -> [(EventID, [EventType])] {
        let stops: [EventType] = [.control(.killSwitchEngaged), .control(.emergencyStopLatched)]
        let verdict: [EventType] = [.canary(.canaryJudged)]
        func one(_ id: EventID?, _ types: [EventType]) -> [(EventID, [EventType])] { id.map { [($0, types)] } ?? [] }
        return switch self {
        case .route(.attemptResolved(let event)): one(event.overrideEventID, [.control(.overrideGranted)])
        case .route(.intentReleased(let event)): one(event.overrideEventID, [.control(.overrideGranted)])
        case .route(.cancelRequested(let event)): one(event.controlEventID, stops)
        case .canary(.canaryJudged(let event)): one(event.evaluationEventID, [.control(.canaryEvaluated)])
        case .canary(.incidentOpened(let event)): one(event.verdictEventID, verdict)
        case .control(.emergencyStopLatched(let event)): one(event.verdictEventID, verdict)
        case .control(.laneDisabled(let event)): event.incidentKey == nil ? [] : one(envelope.causation, verdict)
        default: []
        }
    }
}
