internal import Core

/// One thing the broker said of an order of the story.
struct BrokerWordTold {
    let told: ToldEvent
    let order: BrokerOrderID?
    let client: ClientOrderID?
    let decision: DecisionHash?
    let status: BrokerWord?
    let filledQty: Amount?
    let update: BrokerUpdateRecorded?

    var isOver: Bool { status.map(OrderStatus.isOver) ?? false }
    var isReplaced: Bool { status?.text == OrderStatus.replaced.rawValue }
    var isFill: Bool { update?.fillQty != nil || (filledQty ?? .zero) > .zero }
}

extension Story {
    /// What the broker said, as far as it is about an order.
    var broker: [BrokerWordTold] {
        told.compactMap { told in
            switch told.event.content {
            case .orderEvents(.brokerUpdateRecorded(let update)):
                switch update.classification {
                case .foreign: return nil
                case .applied, .noChange, .duplicate, .outOfOrder, .unlinked, .conflict: break
                }
                return BrokerWordTold(
                    told: told, order: update.alpacaOrderID, client: update.clientOrderID,
                    decision: update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)),
                    status: update.status, filledQty: update.filledQty, update: update)
            case .orderEvents(.orderSnapshotObserved(let seen)):
                return BrokerWordTold(
                    told: told, order: seen.order.alpacaOrderID, client: seen.order.clientOrderID,
                    decision: seen.order.decisionHash ?? seen.order.clientOrderID.flatMap(DecisionHash.init(of:)),
                    status: seen.status, filledQty: seen.filledQty, update: nil)
            default: return nil
            }
        }
    }

    var hasFill: Bool { broker.contains { $0.isFill } }

    /// When the order ended, or the intent did; `nil` while it goes on.
    var end: Timestamp? {
        if let withdrawal { return withdrawal.takenIn }
        var ends = broker.filter { $0.isOver }.map(\.told.takenIn)
        for (told, said) in routed {
            switch said {
            case .cancelConfirmed: ends.append(told.takenIn)
            case .attemptAccepted(let accepted) where accepted.status.isOver: ends.append(told.takenIn)
            case .attemptRejected(let rejected) where !rejected.fallbackAllowed: ends.append(told.takenIn)
            case .attemptResolved(let resolved)
            where resolved.resolution == .rejected || (resolved.status.map(OrderStatus.isOver) ?? false):
                ends.append(told.takenIn)
            default: break
            }
        }
        return ends.max()
    }
}

/// From the broker's stream to fills, and to the order's end.
extension HoleFinder {
    /// Every message of the stream is one event of the feed's, and every such event names its message.
    mutating func lookAtMessages() {
        var taken: Set<RecordPosition> = []
        for told in story.told {
            guard case .orderEvents(.brokerUpdateRecorded(let update)) = told.event.content else { continue }
            let place = update.messagePlace
            taken.insert(place)
            guard let begin = story.held[place.source], place.offset >= begin,
                !story.messages.contains(where: { $0.place == place })
            else { continue }
            miss(.message, "\(place)", [], shownBy: told.place, "the feed read a message that is not there")
        }
        for message in story.messages
        where !taken.contains(message.place) && isOverdue(message.takenIn, by: story.limits.feed) {
            miss(
                .orderEvent, "\(message.place)", [.orderEvents(.brokerUpdateRecorded)], shownBy: message.place,
                "the feed did not say what it is within \(story.limits.feed)")
        }
    }

    /// Of an order's fills none may be missing between two that are there.
    mutating func lookAtFills() {
        guard !has(.orderEvent) else { return }
        let words = story.broker
        for order in Set(words.compactMap(\.order)).sorted(by: { $0.text < $1.text }) {
            let its = words.filter { $0.order == order }
            let isAmended = its.contains { $0.update?.eventType?.text.hasPrefix("trade_") == true }
            guard !isAmended else { continue }
            let totals = Set(its.compactMap(\.filledQty) + [.zero])
            for word in its {
                guard let fill = word.update?.fillQty, let total = word.filledQty, fill <= total,
                    word.update?.classification != .duplicate
                else { continue }
                let before = Amount(units: total.units - fill.units)
                if !totals.contains(before) {
                    miss(
                        .fill, "order \(order.text) up to \(before)", [.orderEvents(.brokerUpdateRecorded)],
                        shownBy: word.told.place, "this fill brings \(fill) to \(total), and nothing brought \(before)")
                }
            }
        }
    }

    /// Whoever has an order at the broker hears how it ends, sooner or later.
    mutating func lookAtEnding() {
        guard !has(.orderEvent), !has(.fill), let intent = story.intent else { return }
        for attempt in story.attempts where attempt.isLive {
            let client = attempt.first.event.content.attemptKey?.clientOrderID
            let order = attempt.accepted?.said.alpacaOrderID ?? attempt.resolved?.said.alpacaOrderID
            let its = story.broker.filter {
                ($0.order != nil && $0.order == order) || ($0.client != nil && $0.client == client)
            }
            if its.contains(where: { $0.isOver || $0.isReplaced }) { continue }
            if attempt.accepted?.said.status.isOver == true { continue }
            if attempt.resolved?.said.status.map(OrderStatus.isOver) == true { continue }
            guard !story.isOver(order) else { continue }
            let shown = its.last?.told ?? attempt.accepted?.told ?? attempt.resolved?.told ?? attempt.first
            let terms = attempt.accepted?.said.terms ?? attempt.prepared?.said.terms ?? intent.said.terms
            let limit = story.limits.life(of: terms)
            guard isOverdue(attempt.first.takenIn, by: limit) else { continue }
            miss(
                .ending, "order \(order?.text ?? client?.text ?? "\(attempt.id)")",
                [.orderEvents(.brokerUpdateRecorded), .orderEvents(.orderSnapshotObserved)], shownBy: shown.place,
                "an order that is good for \(terms.timeInForce.rawValue) has not ended within \(limit)")
        }
    }
}

extension Story {
    /// Whether the router says that this order is gone.
    func isOver(_ order: BrokerOrderID?) -> Bool {
        routed.contains { _, said in
            switch said {
            case .cancelConfirmed(let event): event.order.alpacaOrderID == order
            case .cancelRefused(let event): event.isFinal && event.order.alpacaOrderID == order
            case .replaceDone(let event): event.order.alpacaOrderID == order
            default: false
            }
        }
    }
}

extension BrokerUpdateRecorded {
    /// Where the message lies that it was read from.
    var messagePlace: RecordPosition {
        RecordPosition(TopicPartition(sourceTopic.text, Int32(truncatingIfNeeded: sourcePartition)), sourceOffset)
    }
}

extension DomainEvent {
    var attemptKey: AttemptKey? { if case .route(let said) = self { said.attemptKey } else { nil } }
}
