public import Core

/// One order of an intent as the broker tells of it: a replacement is an order of its own.
public struct ShadowedOrder: FieldRecord {
    /// Its id of ours, or the broker's where no other was told.
    var name: String { clientOrderID?.text ?? alpacaOrderID?.text ?? "" }
    private(set) var clientOrderID: ClientOrderID?
    private(set) var alpacaOrderID: BrokerOrderID?
    var life = OrderLife()

    init(_ clientOrderID: ClientOrderID?, _ alpacaOrderID: BrokerOrderID?) {
        self.clientOrderID = clientOrderID
        self.alpacaOrderID = alpacaOrderID
    }

    public init(unread: Unread) {}

    func isNamed(_ client: ClientOrderID?, _ alpaca: BrokerOrderID?) -> Bool {
        (client != nil && client == clientOrderID) || (alpaca != nil && alpaca == alpacaOrderID)
    }

    mutating func name(_ client: ClientOrderID?, _ alpaca: BrokerOrderID?) {
        clientOrderID = clientOrderID ?? client
        alpacaOrderID = alpacaOrderID ?? alpaca
    }

    /// The same order under another of its names.
    mutating func merge(_ other: ShadowedOrder) {
        name(other.clientOrderID, other.alpacaOrderID)
        life.merge(other.life)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("client_order_id", &clientOrderID, "The id it was sent with.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try life.walk(&fields)
    }
}

/// What was really filled of an intent, over all its orders.
public struct ActualFill: Sendable, Equatable {
    public let qty: Amount
    /// Weighed by quantity; `nil` when nothing is filled.
    public let price: Amount?
}

extension ShadowedOrder {
    /// What is filled of it at which price: its executions, or the broker's own sums where they know of more.
    ///
    /// `nil` as long as the broker counts more than anybody told the price of.
    var filled: ActualFill? {
        let told = life.fills.qty ?? .zero
        if let reported = life.reported, reported.qty > life.fills.everTold ?? .zero {
            // Of what was corrected or taken back the broker's average price knows nothing.
            guard !life.fills.isAmended, let price = reported.price, price > .zero else { return nil }
            return ActualFill(qty: reported.qty, price: price)
        }
        return ActualFill(qty: told, price: told.isZero ? nil : life.fills.averagePrice)
    }
}

extension ActualFill {
    /// The sum of several; `nil` when one of them is not known, or no amount is so large.
    static func sum(_ fills: [ActualFill?]) -> ActualFill? {
        var (qty, money): (Int128, Int128) = (0, 0)
        for fill in fills {
            guard let fill else { return nil }
            guard let price = fill.price else { continue }
            guard let paid = Amount.exactProduct(fill.qty, price) else { return nil }
            let (more, first) = qty.addingReportingOverflow(fill.qty.units)
            let (spent, second) = money.addingReportingOverflow(paid)
            guard !first, !second else { return nil }
            (qty, money) = (more, spent)
        }
        guard qty > 0 else { return ActualFill(qty: .zero, price: nil) }
        return ExactQuotient.of(money, over: qty).map { ActualFill(qty: Amount(units: qty), price: Amount(units: $0)) }
    }
}
