internal import Core

/// From unknown to known: only evidence or a named person ends it, and nothing falls back before.
extension RouterTurn {
    enum Finding {
        case live(ShownOrder)
        case notLive(Proof)
        case rejected
    }

    /// A call that this process did not make, or gave up, has no outcome that anybody will bring.
    mutating func watch(_ intent: RoutedIntent) {
        guard let attempt = intent.attempt else { return }
        watch(intent, attempt, isReplacement: false)
    }

    mutating func watch(_ intent: RoutedIntent, _ attempt: RouteAttempt, isReplacement: Bool) {
        guard attempt.unknownSince == nil else { return }
        if session.calls[attempt.attemptID] == nil {
            return lose(intent, attempt, isReplacement, .interrupted, AdapterReply(), nil)
        }
        guard let limit = attempt.deadline.advanced(by: timing.deadlineMargin), now > limit else { return }
        session.calls[attempt.attemptID] = nil
        lose(intent, attempt, isReplacement, .timeout, AdapterReply(), nil)
    }

    mutating func inquire(_ intent: RoutedIntent) {
        guard let attempt = intent.attempt else { return }
        inquire(intent, attempt)
        if let intent = state[intent.intentID], intent.phase == .unknown {
            hold(intent, .attemptUnknown, attempt: attempt.attemptID)
        }
    }

    mutating func inquire(_ intent: RoutedIntent, _ attempt: RouteAttempt) {
        if session.inquiries[intent.intentID]?.attemptID != attempt.attemptID {
            session.inquiries[intent.intentID] = RouterSession.Inquiry(attempt.attemptID, at: now)
        }
        if resolveByOverride(intent, attempt) || resolveBySight(intent, attempt) { return }
        if intent.replacement?.attemptID == attempt.attemptID, intent.phase == .over {
            // The broker replaces nothing that is over.
            return resolve(intent, attempt, .rejected, .updateStream)
        }
        if isProvedAbsent(intent, attempt) {
            return resolve(intent, attempt, .notLive(.deadlineAndAbsence), .lookupByClientOrderID)
        }
        guard var inquiry = session.inquiries[intent.intentID] else { return }
        if now >= inquiry.nextAsk {
            inquiry.asks += 1
            inquiry.nextAsk = later(timing.deadline + timing.deadlineMargin)
            let broker: Adapter = attempt.adapter == .simulation ? .simulation : .alpaca
            step.actions.append(.lookUp(intent.intentID, attempt.clientOrderID, at: broker))
        }
        if attempt.adapter == .lean, now >= inquiry.nextVoid {
            inquiry.voids += 1
            inquiry.nextVoid = later(timing.deadline + interval(inquiry.voids))
            step.actions.append(
                .void(intent.intentID, attempt.attemptID, attempt.clientOrderID, epoch: session.epoch))
        }
        session.inquiries[intent.intentID] = inquiry
    }

    /// The last moment at which the runner could still have called the broker, with its margin.
    private func lastCall(of attempt: RouteAttempt) -> Timestamp {
        attempt.deadline.advanced(by: timing.deadlineMargin) ?? .latest
    }

    /// Time proves something only where the runner enforces the deadline, and two complete answers agree after it.
    private func isProvedAbsent(_ intent: RoutedIntent, _ attempt: RouteAttempt) -> Bool {
        guard attempt.adapter == .lean, policy.runnerHonoursDeadline,
            let inquiry = session.inquiries[intent.intentID], !inquiry.isSubmitted
        else { return false }
        let limit = lastCall(of: attempt)
        let absent = inquiry.lookups.filter { !$0.found && $0.complete && $0.askedAt > limit }
        guard let first = absent.first, let last = absent.last else { return false }
        return last.askedAt.since(first.askedAt) >= timing.lookupInterval
    }

    private mutating func resolveByOverride(_ intent: RoutedIntent, _ attempt: RouteAttempt) -> Bool {
        let id = intent.intentID
        if let granted = state.control.word(.attemptLive, of: id, attempt, at: now),
            let order = granted.alpacaOrderID
        {
            let shown = ShownOrder(
                alpacaOrderID: order, clientOrderID: attempt.clientOrderID,
                status: BrokerWord(trusted: OrderStatus.accepted.rawValue))
            resolve(intent, attempt, .live(shown), .operatorOverride, granted)
            return true
        }
        if let granted = state.control.word(.attemptNotLive, of: id, attempt, at: now) {
            resolve(intent, attempt, .notLive(.override), .operatorOverride, granted)
            return true
        }
        return false
    }

    /// The broker's stream showed the order.
    mutating func resolveBySight(_ intent: RoutedIntent, _ attempt: RouteAttempt) -> Bool {
        guard let seen = intent.seen, intent.isSeen(attempt) else { return false }
        let shown = ShownOrder(
            alpacaOrderID: seen.alpacaOrderID, clientOrderID: seen.clientOrderID, status: seen.status,
            filledQty: seen.filledQty)
        resolve(intent, attempt, .live(shown), .updateStream)
        return true
    }

    mutating func take(_ answer: LookupAnswer, of id: IntentID, _ clientOrderID: ClientOrderID) {
        if let intent = state[id], clientOrderID == intent.cancelLookID {
            takeCancelLook(answer, of: intent, clientOrderID)
        }
        guard let intent = state[id], var inquiry = session.inquiries[id] else { return }
        guard
            let attempt = [intent.replacement, intent.attempt].compactMap({ $0 }).first(where: {
                $0.attemptID == inquiry.attemptID && $0.clientOrderID == clientOrderID && $0.unknownSince != nil
            })
        else { return }
        let isOpen = intent.phase == .unknown || intent.replacement?.attemptID == attempt.attemptID
        guard isOpen else { return }
        var found: ShownOrder?
        if case .found(let shown) = answer.result,
            ReplyContract.isAnswer(shown, to: clientOrderID, intent.symbol, intent.side)
        {
            found = shown
        }
        if inquiry.lookups.count == RouterSession.Inquiry.maximumLookups { inquiry.lookups.removeFirst() }
        inquiry.lookups.append(
            Lookup(
                askedAt: answer.askedAt, method: .lookupByClientOrderID, found: found != nil,
                complete: found != nil || answer.result == .absent, httpStatus: answer.httpStatus,
                answer: found?.raw))
        inquiry.nextAsk = nextAsk(after: inquiry, attempt)
        session.inquiries[id] = inquiry
        if let found { resolve(intent, attempt, .live(found), .lookupByClientOrderID) }
    }

    /// Ever more slowly, but in time for the two answers that count.
    private func nextAsk(after inquiry: RouterSession.Inquiry, _ attempt: RouteAttempt) -> Timestamp {
        let usual = later(interval(inquiry.asks - 1))
        guard attempt.adapter == .lean, policy.runnerHonoursDeadline, !inquiry.isSubmitted else { return usual }
        let limit = lastCall(of: attempt)
        if now > limit { return inquiry.asks > 8 ? usual : later(timing.lookupInterval) }
        return min(usual, limit.advanced(by: .milliseconds(1)) ?? .latest)
    }

    mutating func take(_ answer: VoidAnswer, of id: IntentID, _ attemptID: AttemptID) {
        guard let intent = state[id], intent.phase == .unknown, let attempt = intent.attempt,
            attempt.attemptID == attemptID, session.inquiries[id]?.attemptID == attemptID
        else { return }
        switch answer {
        case .neverWillBe:
            if !resolveBySight(intent, attempt) { resolve(intent, attempt, .notLive(.voided), .runnerVoid) }
        case .submitted:
            session.inquiries[id]?.isSubmitted = true
            session.inquiries[id]?.nextAsk = now
        case .failed:
            let again = later(interval(session.inquiries[id]?.voids ?? 0))
            session.inquiries[id]?.nextVoid = again
        }
    }
}
