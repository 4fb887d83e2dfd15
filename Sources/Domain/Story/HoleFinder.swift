internal import Core

/// Collects holes: whatever says that the same link is missing says it of one hole.
struct HoleFinder {
    struct Slot: Hashable {
        let link: StoryHole.Link
        let subject: String
    }

    let story: Story
    private var found: [Slot: StoryHole] = [:]

    init(_ story: Story) { self.story = story }

    static func holes(of story: Story) -> [StoryHole] {
        var finder = HoleFinder(story)
        finder.lookAtDecision()
        finder.lookAtAttempts()
        finder.lookAtHolds()
        finder.lookAtRequests()
        finder.lookAtWords()
        finder.lookAtShadow()
        finder.lookAtMessages()
        finder.lookAtFills()
        finder.lookAtEnding()
        return finder.sorted
    }

    private var sorted: [StoryHole] {
        found.values.sorted { ($0.link, $0.subject, $0.shownBy) < ($1.link, $1.subject, $1.shownBy) }
    }

    mutating func miss(
        _ link: StoryHole.Link, _ subject: String, _ types: [EventType], shownBy place: RecordPosition, _ sign: String
    ) {
        let slot = Slot(link: link, subject: subject)
        guard let known = found[slot] else {
            found[slot] = StoryHole(link: link, subject: subject, types: types, shownBy: place, signs: [sign])
            return
        }
        if !known.signs.contains(sign) { found[slot]?.signs.append(sign) }
    }

    func has(_ link: StoryHole.Link, _ subject: String) -> Bool { found[Slot(link: link, subject: subject)] != nil }
    func has(_ link: StoryHole.Link) -> Bool { found.keys.contains { $0.link == link } }

    func isOverdue(_ since: Timestamp, by limit: Duration) -> Bool { story.asked.since(since) > limit }
    func has(_ id: EventID) -> Bool { story.byID[id] != nil }
}

/// The decision and its one answer.
extension HoleFinder {
    private static let answers: [EventType] = [
        .intents(.intentEmitted), .intents(.decisionRejected), .intents(.decisionBlocked),
    ]

    mutating func lookAtDecision() {
        for answer in story.answers {
            guard let hash = answer.event.content.decision else { continue }
            guard let decision = story.decisions.first else {
                let cause = answer.event.envelope.cause.map { ", which it says lies at \($0.place)" } ?? ""
                miss(
                    .decision, "\(hash)", [.decisions(.decisionRecorded)], shownBy: answer.place,
                    "\(answer.type.name) answers a decision that is not there\(cause)")
                continue
            }
            if let id = answer.event.envelope.causation, !has(id) {
                miss(
                    .decision, "\(id)", [.decisions(.decisionRecorded)], shownBy: answer.place,
                    "\(answer.type.name) names event \(id) as its cause, and the decision is \(decision.id)")
            }
        }
        lookForAnswer()
    }

    private mutating func lookForAnswer() {
        guard story.intent == nil else { return lookForRoute() }
        if let routed = story.routed.first {
            let subject = story.decisions.first?.event.content.decision ?? routed.told.event.names.decision
            return miss(
                .intent, subject.map { "\($0)" } ?? "\(routed.told.id)", [.intents(.intentEmitted)],
                shownBy: routed.told.place, "\(routed.told.type.name) without an intent")
        }
        if let filled = story.broker.first(where: { $0.decision != nil }), let hash = filled.decision {
            return miss(
                .intent, "\(hash)", [.intents(.intentEmitted)], shownBy: filled.told.place,
                filled.isFill ? "a fill without an intent" : "the broker has an order of ours without an intent")
        }
        guard story.answers.isEmpty, let decision = story.decisions.first,
            let hash = decision.event.content.decision, isOverdue(decision.takenIn, by: story.limits.answer)
        else { return }
        miss(
            .answer, "\(hash)", Self.answers, shownBy: decision.place,
            "the decision was not answered within \(story.limits.answer)")
    }

    /// An intent is carried to an adapter, held or withdrawn, and never left alone.
    private mutating func lookForRoute() {
        guard let intent = story.intent, story.routed.isEmpty else { return }
        let types: [EventType] = [
            .route(.attemptPrepared), .route(.intentHeld), .route(.intentWithdrawn),
        ]
        if let seen = story.broker.first {
            return miss(
                .routeEvidence, "\(intent.said.intentID)", types, shownBy: seen.told.place,
                "the broker has an order without route evidence")
        }
        guard isOverdue(intent.told.takenIn, by: story.limits.route) else { return }
        miss(
            .routeEvidence, "\(intent.said.intentID)", types, shownBy: intent.told.place,
            "no word of the router within \(story.limits.route)")
    }
}

extension DomainEvent {
    /// The decision that an answer or a decision is about.
    var decision: DecisionHash? {
        switch self {
        case .decisions(.decisionRecorded(let event)): event.decisionHash
        case .intents(.intentEmitted(let event)): event.decisionHash
        case .intents(.decisionRejected(let event)): event.decisionHash
        case .intents(.decisionBlocked(let event)): event.decisionHash
        default: nil
        }
    }
}

extension Event {
    var names: StoryNames { StoryNames(of: self) }
}
