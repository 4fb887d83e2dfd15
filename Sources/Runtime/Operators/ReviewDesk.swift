public import Commands
public import Core
public import Domain

/// Holds a symbol's new orders for a person, and lets them go again.
public enum ReviewDesk {
    /// `nil` when the symbol is under review already.
    public static func open(
        _ symbol: Symbol, _ origin: OperatorOrigin, under policy: PolicyInForce, at now: Timestamp,
        given view: ControlView
    ) -> Control? {
        guard view.state.reviews[symbol] == nil else { return nil }
        let window = GateWindow(
            verdict: .inconclusive, windowStart: now, windowEnd: now, sample: 0, minimumSample: 0,
            policyHash: policy.policyHash, evaluatedAt: now, vector: PositionVector(positions: []))
        return .symbolReviewOpened(
            SymbolReviewOpened(
                order: origin.order(.symbol(symbol)), symbol: symbol, fallbackCount: 0,
                fallbackLimit: policy.policy.routing.limits.reviewAfterFallbacks, window: window))
    }

    /// Ends the review that is open now, by its name; `nil` when none is.
    public static func clear(_ symbol: Symbol, _ origin: OperatorOrigin, given view: ControlView) -> Control? {
        guard let review = view.state.reviews[symbol] else { return nil }
        return .symbolReviewClosed(
            SymbolReviewClosed(
                order: origin.order(.symbol(symbol)), symbol: symbol, openedEventID: review.openedBy))
    }
}
