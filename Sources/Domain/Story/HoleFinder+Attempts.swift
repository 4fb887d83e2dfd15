internal import Core

/// Every attempt: prepared, sent, answered, and settled when nobody knew.
extension HoleFinder {
    mutating func lookAtAttempts() {
        for attempt in story.attempts {
            lookAtBeginning(of: attempt)
            lookAtOutcome(of: attempt)
            lookAtDoubt(of: attempt)
            lookAtWhatFollows(attempt)
        }
    }

    private mutating func lookAtBeginning(of attempt: Story.Attempt) {
        let subject = "\(attempt.id)"
        guard let prepared = attempt.prepared else {
            return miss(
                .prepared, subject, [.route(.attemptPrepared)], shownBy: attempt.first.place,
                "\(attempt.first.type.name) of an attempt that was never prepared")
        }
        let number = prepared.said.key.attempt
        guard prepared.said.operation == .submit, number > 1 else { return }
        let earlier = story.attempts.last { $0.fallback?.said.nextAttemptID == attempt.id }
        if earlier == nil {
            miss(
                .fallback, subject, [.route(.fallbackDecided)], shownBy: prepared.told.place,
                "attempt \(number) was prepared, and nothing says that the one before was given up")
        }
    }

    private mutating func lookAtOutcome(of attempt: Story.Attempt) {
        let subject = "\(attempt.id)"
        let outcome = attempt.accepted?.told ?? attempt.rejected?.told ?? attempt.unknown?.told
        if attempt.sent == nil, let shown = sentEvidence(attempt) {
            miss(
                .sent, subject, [.route(.attemptSent)], shownBy: shown.place,
                "\(shown.type.name) brings an answer to something that was never sent")
        }
        guard outcome == nil else { return }
        let all: [EventType] = [.route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown)]
        if let resolved = attempt.resolved {
            return miss(
                .outcome, subject, [.route(.attemptUnknown)], shownBy: resolved.told.place,
                "an attempt was resolved that was never unknown")
        }
        if let sent = attempt.sent {
            return miss(
                .outcome, subject, all, shownBy: sent.place, "sent is written together with the outcome, and has none")
        }
        if let fallback = attempt.fallback {
            return miss(
                .outcome, subject, all, shownBy: fallback.told.place,
                "a fallback from an attempt of which nothing says how it ended")
        }
        guard let prepared = attempt.prepared, isOverdue(prepared.said.deadline, by: story.limits.outcome) else {
            return
        }
        miss(
            .outcome, subject, all, shownBy: prepared.told.place,
            "its deadline was \(prepared.said.deadline), and nothing says how it ended")
    }

    /// The record that proves that bytes went out; a call that never connected sent nothing.
    private func sentEvidence(_ attempt: Story.Attempt) -> ToldEvent? {
        if let accepted = attempt.accepted { return accepted.told }
        if let rejected = attempt.rejected {
            return rejected.said.proof == .neverConnected ? nil : rejected.told
        }
        guard let unknown = attempt.unknown, unknown.said.failureTaxonomy != .interrupted else { return nil }
        // Who gave up waiting for the call itself has no answer, and does not know when its bytes went out.
        let reply = unknown.said.reply
        return reply.httpStatus != nil || reply.latencyMicroseconds != nil ? unknown.told : nil
    }

    private mutating func lookAtDoubt(of attempt: Story.Attempt) {
        guard let unknown = attempt.unknown, attempt.resolved == nil else { return }
        let subject = "\(attempt.id)"
        if let fallback = attempt.fallback {
            return miss(
                .resolution, subject, [.route(.attemptResolved)], shownBy: fallback.told.place,
                "a fallback from an attempt that nothing proved not live")
        }
        if let release = story.release(of: .attemptUnknown, after: unknown.told.place) {
            return miss(
                .resolution, subject, [.route(.attemptResolved)], shownBy: release.place,
                "its hold was released, and nothing settled it")
        }
        if attempt.isReplacement, let answer = story.replaceAnswer(to: attempt) {
            return miss(
                .resolution, subject, [.route(.attemptResolved)], shownBy: answer.place,
                "\(answer.type.name) says what became of it, and nothing settled it")
        }
        guard isOverdue(unknown.said.unknownSince, by: story.limits.doubt) else { return }
        miss(
            .resolution, subject, [.route(.attemptResolved)], shownBy: unknown.told.place,
            "in doubt since \(unknown.said.unknownSince), and not settled")
    }

    /// An attempt that is proved not live is followed by another, or the intent is withdrawn.
    private mutating func lookAtWhatFollows(_ attempt: Story.Attempt) {
        if let fallback = attempt.fallback {
            let next = fallback.said.nextAttemptID
            if !story.attempts.contains(where: { $0.id == next }) {
                miss(
                    .prepared, "\(next)", [.route(.attemptPrepared)], shownBy: fallback.told.place,
                    "the fallback names an attempt that was never prepared")
            }
            return
        }
        guard let failed = attempt.provedNotLive, !attempt.isReplacement, story.withdrawal == nil else { return }
        // The next attempt is there: then it is the fallback that is missing, and that is said of it.
        let isFollowed = story.attempts.contains { !$0.isReplacement && $0.number > attempt.number }
        guard !isFollowed, isOverdue(failed.takenIn, by: story.limits.route), !story.isHeld(after: failed.place)
        else { return }
        miss(
            .routeEvidence, "\(attempt.id)", [.route(.fallbackDecided), .route(.intentWithdrawn)],
            shownBy: failed.place, "it is proved not live, and nothing says how the intent went on")
    }
}

extension Story.Attempt {
    /// What proves that it is not live, where the intent may go on.
    var provedNotLive: ToldEvent? {
        if let resolved, resolved.said.resolution == .notLive { return resolved.told }
        if let rejected, rejected.said.fallbackAllowed { return rejected.told }
        return nil
    }

    /// Whether the broker has, or had, its order.
    var isLive: Bool { accepted != nil || resolved?.said.resolution == .live }
}

extension Story {
    var withdrawal: ToldEvent? { routed.first { $0.said.kind == .intentWithdrawn }?.told }

    func release(of reason: HoldReason, after place: RecordPosition) -> ToldEvent? {
        for (told, said) in routed where told.place > place {
            if case .intentReleased(let released) = said, released.holdReason == reason { return told }
        }
        return nil
    }

    func replaceAnswer(to attempt: Attempt) -> ToldEvent? {
        for (told, said) in routed where told.place > attempt.first.place {
            if said.kind == .replaceDone || said.kind == .replaceRefused { return told }
        }
        return nil
    }

    /// Whether the last word is that the intent waits.
    func isHeld(after place: RecordPosition) -> Bool {
        routed.last { $0.told.place > place && ($0.said.kind == .intentHeld || $0.said.kind == .intentReleased) }?
            .said.kind == .intentHeld
    }
}
