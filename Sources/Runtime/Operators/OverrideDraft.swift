public import Core
public import Domain

/// One thing that a named person vouches for, about one intent, for a while: checked as a whole.
public struct OverrideDraft: Sendable {
    public static let defaultExpiry: Duration = .seconds(600)

    public var kind: OverrideKind
    public var intent: IntentID
    public var attempt: AttemptID?
    public var adapter: Adapter?
    public var alpacaOrder: BrokerOrderID?
    public var evidence: CompactJSON?
    public var expiry: Duration

    public init(
        _ kind: OverrideKind, intent: IntentID, attempt: AttemptID? = nil, adapter: Adapter? = nil,
        alpacaOrder: BrokerOrderID? = nil, evidence: CompactJSON? = nil, expiry: Duration? = nil
    ) {
        self.kind = kind
        self.intent = intent
        self.attempt = attempt
        self.adapter = adapter
        self.alpacaOrder = alpacaOrder
        self.evidence = evidence
        self.expiry = expiry ?? Self.defaultExpiry
    }

    public func granted(_ origin: OperatorOrigin, at now: Timestamp) throws(OperatorRefusal) -> OverrideGranted {
        if let adapter, adapter != .lean, adapter != .alpaca {
            throw OperatorRefusal(.words, "adapter is lean or alpaca, not '\(adapter.rawValue)'")
        }
        if kind == .route, adapter == nil {
            throw OperatorRefusal(.words, "route needs an adapter: where the intent is to go")
        }
        if kind == .attemptLive, alpacaOrder == nil {
            throw OperatorRefusal(.words, "attempt_live needs alpaca_order_id: the order at the broker")
        }
        guard let end = now.advanced(by: expiry) else { throw OperatorRefusal(.words, "the end is too far away") }
        return OverrideGranted(
            order: origin.order(.intent(intent)), kind: kind, intentID: intent, attemptID: attempt, adapter: adapter,
            alpacaOrderID: alpacaOrder, expiresAt: end, evidence: evidence)
    }
}
