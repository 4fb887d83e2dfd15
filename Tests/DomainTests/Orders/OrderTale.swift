import Core
import Domain

/// Messages of the broker's stream about one order, told shortly.
struct OrderTale {
    let id: String
    private(set) var messages: [BrokerUpdateRecorded] = []

    static let start = Timestamp(nanoseconds: 1_772_461_800_000_000_000)

    init(_ id: String = "a1") { self.id = id }

    static func time(_ second: Int) -> Timestamp { start.advanced(by: .seconds(second)) ?? start }

    /// `qty` is what was asked for; `filled` is the broker's sum.
    func telling(
        _ event: String, _ status: String, at second: Int, qty: Amount = 100, filled: Amount = .zero,
        average: Amount? = nil, replaces: String? = nil, replacedBy: String? = nil
    ) -> OrderTale {
        var tale = self
        var update = BrokerUpdateRecorded(
            eventFingerprint: TestMint.mint.digest(Array("\(id)/\(event)/\(status)/\(second)/\(filled)".utf8)),
            sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: 0,
            sourceOffset: Int64(messages.count), updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
            classification: .applied, rawEvent: .emptyObject)
        update.eventType = BrokerWord(trusted: event)
        update.status = BrokerWord(trusted: status)
        update.brokerEventTime = Self.time(second)
        update.alpacaOrderID = BrokerOrderID(trusted: id)
        update.qty = qty
        update.filledQty = filled
        update.avgFillPrice = average
        update.replaces = replaces.map { BrokerOrderID(trusted: $0) }
        update.replacedBy = replacedBy.map { BrokerOrderID(trusted: $0) }
        tale.messages.append(update)
        return tale
    }

    /// An execution: fill, partial fill, correction.
    func filling(
        _ event: String, _ status: String, at second: Int, _ execution: String, _ slice: Amount, _ price: Amount = 10,
        qty: Amount = 100, filled: Amount
    ) -> OrderTale {
        var tale = telling(event, status, at: second, qty: qty, filled: filled, average: price)
        tale.messages[messages.count].executionID = ExecutionID(trusted: execution)
        tale.messages[messages.count].fillQty = slice
        tale.messages[messages.count].fillPrice = price
        return tale
    }

    func busting(_ execution: String, at second: Int, _ status: String, filled: Amount) -> OrderTale {
        var tale = telling("trade_bust", status, at: second, filled: filled)
        tale.messages[messages.count].executionID = ExecutionID(trusted: execution)
        return tale
    }
}

extension OrderLife {
    /// The life that these messages tell, in this order.
    init(of messages: some Sequence<BrokerUpdateRecorded>) {
        self.init()
        for message in messages { fold(message, at: OrderTale.start) }
    }
}
