internal import Core

extension RouterTurn {
    /// Writes down what became of an attempt that was unknown, with all that was asked.
    mutating func resolve(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ finding: Finding, _ evidence: EvidenceKind,
        _ granted: GrantedOverride? = nil
    ) {
        let isReplacement = intent.replacement?.attemptID == attempt.attemptID
        var event = AttemptResolved(
            key: key(of: intent, attempt), evidence: attempt.evidence, resolution: .notLive, foundBy: evidence,
            lookups: session.inquiries[intent.intentID]?.lookups ?? [], overrideEventID: granted?.grantedBy,
            actor: granted?.actor, reason: granted?.reason,
            unknownForMicroseconds: now.since(attempt.unknownSince ?? now).microseconds)
        switch finding {
        case .live(let shown):
            // The broker has it, and had refused it: that is an end, not an order.
            event.resolution = shown.orderStatus == .rejected ? .rejected : .live
            event.alpacaOrderID = shown.alpacaOrderID
            event.status = shown.status
            event.executionRoute = route(of: intent, by: attempt.adapter)
            event.routeMarker = marker(of: intent, by: attempt.adapter)
            event.rawOrder = shown.raw
        case .notLive(let proof): event.proof = proof
        case .rejected: event.resolution = .rejected
        }
        session.inquiries[intent.intentID] = nil
        emit(.attemptResolved(event), of: "\(attempt.attemptID)", for: intent)
        if isReplacement { settleReplace(intent, attempt, finding) }
        guard let after = state[intent.intentID] else { return }
        if after.hold?.reason == .attemptUnknown { release(after, by: granted?.grantedBy) }
    }
}
