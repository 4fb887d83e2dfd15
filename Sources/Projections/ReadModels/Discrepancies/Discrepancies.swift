public import Core
public import Domain

/// What does not fit, until it does.
public enum Discrepancies: Projection {
    public struct Tables: TableSet {
        var discrepancies: CurrentTable<DiscrepancyRow>

        public init(_ maker: TableMaker) { discrepancies = maker.current(of: DiscrepancyRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&discrepancies)
        }
    }

    public static let name = ProjectionName("discrepancies")
    public static let fold = 1
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [TopicCatalog.orderEvents]
    public static let wants: Set<EventType> = [.orderEvents(.discrepancyFound), .orderEvents(.discrepancyResolved)]

    public static func need(of event: Event, in tables: inout Tables) {
        guard case .orderEvents(let said) = event.content, let scope = SymbolScope(event.envelope) else { return }
        switch said {
        case .discrepancyFound(let it): tables.discrepancies.need(DiscrepancyRow.Key(it.discrepancyID, scope))
        case .discrepancyResolved(let it): tables.discrepancies.need(DiscrepancyRow.Key(it.discrepancyID, scope))
        case .brokerUpdateRecorded, .orderSnapshotObserved: break
        }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .orderEvents(let said) = event.content, let scope = SymbolScope(event.envelope) else { return }
        let time = Moment(event.envelope.eventTime)
        switch said {
        case .discrepancyFound(let it):
            let key = DiscrepancyRow.Key(it.discrepancyID, scope)
            tables.discrepancies.change(key, making: DiscrepancyRow(key, it.kind)) { $0.take(it, at: time) }
        case .discrepancyResolved(let it):
            let key = DiscrepancyRow.Key(it.discrepancyID, scope)
            tables.discrepancies.change(key, making: DiscrepancyRow(key, it.kind)) { $0.take(it, at: time) }
        case .brokerUpdateRecorded, .orderSnapshotObserved: break
        }
    }
}

extension DiscrepancyRow {
    fileprivate mutating func take(_ found: DiscrepancyFound, at time: Moment) {
        name(found.order, at: time)
        severity = found.severity
        expected = found.expected
        observed = found.observed
        difference = found.difference
        detectedBy = found.detectedBy
        evidence = found.evidence
        foundAt = foundAt ?? time
        foundCount += 1
    }

    fileprivate mutating func take(_ resolved: DiscrepancyResolved, at time: Moment) {
        name(resolved.order, at: time)
        guard resolution == nil else { return }
        resolution = resolved.resolution
        resolvedBy = resolved.actor
        resolutionReason = resolved.reason
        resolvedAt = time
    }

    private mutating func name(_ other: OrderKey, at time: Moment) {
        order.clientOrderID = order.clientOrderID ?? other.clientOrderID
        order.alpacaOrderID = order.alpacaOrderID ?? other.alpacaOrderID
        order.decisionHash = order.decisionHash ?? other.decisionHash
        order.intentID = order.intentID ?? other.intentID
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
    }
}
