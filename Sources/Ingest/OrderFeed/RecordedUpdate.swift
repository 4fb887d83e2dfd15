internal import Core
internal import Domain
internal import Wire

extension BrokerUpdateRecorded {
    /// The update as it is recorded, before it is classified.
    init(_ update: BrokerUpdate, at position: RecordPosition) {
        self.init(
            eventFingerprint: update.fingerprint, sourceTopic: TopicName(trusted: position.source.topic),
            sourcePartition: Int64(position.source.partition), sourceOffset: position.offset,
            feedSeq: update.feedSeq, updateShape: update.shape, accountLabelOrigin: update.accountOrigin,
            eventType: update.eventType, status: update.status, brokerEventTime: update.eventTime,
            alpacaOrderID: update.orderID, clientOrderID: update.clientOrderID, executionID: update.executionID,
            side: update.side, orderType: update.orderType, timeInForce: update.timeInForce, qty: update.terms.qty,
            notional: update.terms.notional, limitPrice: update.terms.limitPrice, stopPrice: update.terms.stopPrice,
            filledQty: update.fill.filledQty, avgFillPrice: update.fill.averagePrice,
            fillQty: update.fill.sliceQty, fillPrice: update.fill.slicePrice, positionQty: update.fill.positionQty,
            replaces: update.replaces, replacedBy: update.replacedBy, classification: .applied, rawEvent: update.raw)
    }

    mutating func take(_ verdict: FeedVerdict, of account: AccountLabel) {
        classification = verdict.classification
        classificationReason = verdict.reason
        filledQtyDelta = verdict.delta
        fillQuantityBasis = verdict.basis
        decisionHash = verdict.decision
        intentID = verdict.decision.map { EventMint.intentID(of: $0, account: account.text) }
        attemptID = verdict.attempt
    }
}
