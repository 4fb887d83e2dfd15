internal import Core

/// Holds and their ends, in the order of the route's partition.
extension HoleFinder {
    mutating func lookAtHolds() {
        var hold: (reason: HoldReason, told: ToldEvent)?
        var settled: ToldEvent?
        for (told, said) in story.routed {
            switch said {
            case .intentHeld(let held):
                if hold?.reason == .attemptUnknown, held.holdReason != .attemptUnknown, let settled {
                    missDoubtsEnd(settled)
                }
                if held.holdReason != .attemptUnknown { settled = nil }
                hold = (held.holdReason, told)
            case .intentReleased(let released):
                if hold?.reason != released.holdReason {
                    miss(
                        .hold, subject(released.holdReason), [.route(.intentHeld)], shownBy: told.place,
                        "a hold was released that nobody told of")
                }
                (hold, settled) = (nil, nil)
            case .attemptUnknown(let unknown):
                if story.attempt(unknown.key.attemptID)?.isReplacement == false, !isHeld(behind: told) {
                    miss(
                        .hold, subject(.attemptUnknown), [.route(.intentHeld)], shownBy: told.place,
                        "an attempt became unknown, and the intent was not held")
                }
            case .attemptResolved(let resolved):
                // What is over waits for nothing: its hold ended with it, and is not released.
                if endsIntent(resolved) { (hold, settled) = (nil, nil) } else { settled = told }
            case .attemptPrepared(let prepared) where prepared.operation == .submit:
                if let hold, hold.reason != .attemptUnknown || settled != nil {
                    missRelease(subject(hold.reason), told, "the intent went on, and its hold was not released")
                }
                (hold, settled) = (nil, nil)
            case .intentWithdrawn, .fallbackDecided:
                if hold?.reason == .attemptUnknown, let settled { missDoubtsEnd(settled) }
                settled = nil
                // What a fallback follows from ends the doubt, and any other hold ends behind it; a withdrawal ends all.
                if case .fallbackDecided = said, hold?.reason != .attemptUnknown { break }
                hold = nil
            default: break
            }
        }
        if hold?.reason == .attemptUnknown, let settled { missDoubtsEnd(settled) }
    }

    /// The broker shows the order as over, or has refused it.
    private func endsIntent(_ resolved: AttemptResolved) -> Bool {
        switch resolved.resolution {
        case .live: resolved.status.map(OrderStatus.isOver) ?? false
        case .rejected: story.attempt(resolved.key.attemptID)?.isReplacement == false
        case .notLive: false
        }
    }

    private func subject(_ reason: HoldReason) -> String {
        "\(reason.rawValue) of \(story.intent.map { "\($0.said.intentID)" } ?? "the intent")"
    }

    private mutating func missDoubtsEnd(_ settled: ToldEvent) {
        missRelease(subject(.attemptUnknown), settled, "the doubt was settled, and its hold was not released")
    }

    private mutating func missRelease(_ subject: String, _ shown: ToldEvent, _ sign: String) {
        miss(.release, subject, [.route(.intentReleased)], shownBy: shown.place, sign)
    }

    /// The hold is written in the same append, behind what made it.
    private func isHeld(behind unknown: ToldEvent) -> Bool {
        story.routed.contains { told, said in
            if case .intentHeld(let held) = said {
                held.holdReason == .attemptUnknown && told.place > unknown.place
            } else {
                false
            }
        }
    }
}

/// Requests to cancel and to replace, each with its answer.
extension HoleFinder {
    mutating func lookAtRequests() {
        lookAtCancels()
        lookAtReplaces()
    }

    private mutating func lookAtCancels() {
        var asked: [EventID: ToldEvent] = [:]
        var (answered, last): (Set<EventID>, (EventID, ToldEvent)?) = ([], nil)
        for (told, said) in story.routed {
            if case .cancelRequested(let request) = said {
                asked[request.cancelID] = told
                last = (request.cancelID, told)
            }
        }
        for (told, said) in story.routed {
            let (id, isFinal): (EventID, Bool)
            switch said {
            case .cancelConfirmed(let confirmed): (id, isFinal) = (confirmed.cancelID, true)
            case .cancelRefused(let refused): (id, isFinal) = (refused.cancelID, refused.isFinal)
            default: continue
            }
            if isFinal { answered.insert(id) }
            if asked[id] == nil {
                miss(
                    .cancelRequest, "\(id)", [.route(.cancelRequested)], shownBy: told.place,
                    "\(told.type.name) answers a request that nobody made")
            }
        }
        // A request for the order that took the first one's place takes its place here.
        guard let (id, told) = last, !answered.contains(id), isOverdue(told.takenIn, by: story.limits.request) else {
            return
        }
        miss(
            .cancelAnswer, "\(id)", [.route(.cancelConfirmed), .route(.cancelRefused)], shownBy: told.place,
            "not answered within \(story.limits.request)")
    }

    private mutating func lookAtReplaces() {
        var (asked, answered): ([EventID: (told: ToldEvent, id: ClientOrderID)], Set<EventID>) = ([:], [])
        for (told, said) in story.routed {
            if case .replaceRequested(let request) = said {
                asked[request.replaceID] = (told, request.newClientOrderID)
            }
        }
        for (told, said) in story.routed {
            let id: EventID
            switch said {
            case .replaceDone(let done): id = done.replaceID
            case .replaceRefused(let refused): id = refused.replaceID
            default: continue
            }
            answered.insert(id)
            if asked[id] == nil {
                miss(
                    .replaceRequest, "\(id)", [.route(.replaceRequested)], shownBy: told.place,
                    "\(told.type.name) answers a request that nobody made")
            }
        }
        for (id, request) in asked.sorted(by: { $0.value.told.place < $1.value.told.place })
        where !answered.contains(id) {
            let attempt = story.attempts.last { $0.prepared?.said.key.clientOrderID == request.id }
            let types: [EventType] = [.route(.replaceDone), .route(.replaceRefused)]
            if let shown = attempt?.accepted?.told ?? attempt?.rejected?.told ?? attempt?.resolved?.told {
                miss(
                    .replaceAnswer, "\(id)", types, shownBy: shown.place,
                    "its attempt ended, and nothing says what became of the order")
            } else if attempt == nil, isOverdue(request.told.takenIn, by: story.limits.request) {
                miss(
                    .replaceAnswer, "\(id)", types, shownBy: request.told.place,
                    "not answered within \(story.limits.request)")
            }
        }
    }
}

extension Story {
    func attempt(_ id: AttemptID) -> Attempt? { attempts.first { $0.id == id } }
}
