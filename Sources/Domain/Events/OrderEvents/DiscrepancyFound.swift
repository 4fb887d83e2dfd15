public import Core

/// Two sources do not agree.
public struct DiscrepancyFound: Payload {
    @inlinable public static var type: EventType { .orderEvents(.discrepancyFound) }

    public var discrepancyID: EventID
    public var kind: DiscrepancyKind
    public var severity: Severity
    public var order: OrderKey
    public var expected: Prose
    public var observed: Prose
    public var difference: Amount?
    public var detectedBy: Code
    public var evidence: CompactJSON?

    @inlinable
    public init(
        discrepancyID: EventID, kind: DiscrepancyKind, severity: Severity, order: OrderKey, expected: Prose,
        observed: Prose, difference: Amount? = nil, detectedBy: Code, evidence: CompactJSON? = nil
    ) {
        self.discrepancyID = discrepancyID
        self.kind = kind
        self.severity = severity
        self.order = order
        self.expected = expected
        self.observed = observed
        self.difference = difference
        self.detectedBy = detectedBy
        self.evidence = evidence
    }

    @inlinable
    public init(unread: Unread) {
        discrepancyID = unread()
        kind = unread()
        severity = unread()
        order = unread()
        expected = unread()
        observed = unread()
        detectedBy = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("discrepancy_id", &discrepancyID, "This discrepancy.")
        try fields.field("kind", &kind, "What does not fit.")
        try fields.field("severity", &severity, "How bad.")
        try order.walk(&fields)
        try fields.field("expected", &expected, "What we believed.")
        try fields.field("observed", &observed, "What was seen.")
        try fields.field("difference", &difference, "By how much, where it is a number.")
        try fields.field("detected_by", &detectedBy, "Which check.")
        try fields.field("evidence", &evidence, "The facts.")
    }
}
