public import Core

/// Every discrepancy that the log tells of, whoever found it, with its end where it has one.
public struct DiscrepancyHistory: Sendable {
    public struct Known: Sendable, Equatable {
        public let id: EventID
        public let account: AccountLabel
        public let symbol: Symbol
        public let kind: DiscrepancyKind
        public fileprivate(set) var order: OrderKey
        public fileprivate(set) var severity: Severity?
        public fileprivate(set) var expected: Prose?
        public fileprivate(set) var observed: Prose?
        public fileprivate(set) var amount: Amount?
        public fileprivate(set) var detectedBy: Code?
        public fileprivate(set) var evidence: CompactJSON?
        public fileprivate(set) var openedAt: Timestamp?
        public fileprivate(set) var foundTimes: Int64 = 0
        public fileprivate(set) var resolved: DiscrepancyResolved?
        public fileprivate(set) var resolvedAt: Timestamp?

        public var isOpen: Bool { resolved == nil }
    }

    private var entries: [EventID: Known] = [:]
    private var order: [EventID] = []

    public static let wanted: Set<EventType> = [.orderEvents(.discrepancyFound), .orderEvents(.discrepancyResolved)]

    public init() {}

    /// In the order they became known.
    public var all: [Known] { order.compactMap { entries[$0] } }

    public subscript(id: EventID) -> Known? { entries[id] }

    public mutating func fold(_ event: Event) {
        guard case .orderEvents(let said) = event.content, let account = event.envelope.account,
            let symbol = event.envelope.symbol
        else { return }
        switch said {
        case .discrepancyFound(let it):
            change(it.discrepancyID, account, symbol, it.kind, it.order) { entry in
                entry.severity = it.severity
                entry.expected = it.expected
                entry.observed = it.observed
                entry.amount = it.difference
                entry.detectedBy = it.detectedBy
                entry.evidence = it.evidence
                entry.openedAt = entry.openedAt ?? event.envelope.eventTime
                entry.foundTimes += 1
            }
        case .discrepancyResolved(let it):
            change(it.discrepancyID, account, symbol, it.kind, it.order) { entry in
                guard entry.resolved == nil else { return }
                entry.resolved = it
                entry.resolvedAt = event.envelope.eventTime
            }
        case .brokerUpdateRecorded, .orderSnapshotObserved: break
        }
    }

    private mutating func change(
        _ id: EventID, _ account: AccountLabel, _ symbol: Symbol, _ kind: DiscrepancyKind, _ key: OrderKey,
        _ change: (inout Known) -> Void
    ) {
        if entries[id] == nil { order.append(id) }
        var entry = entries[id] ?? Known(id: id, account: account, symbol: symbol, kind: kind, order: key)
        change(&entry)
        entries[id] = entry
    }
}
