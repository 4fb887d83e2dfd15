public import Core

/// An order as an adapter or the broker shows it.
public struct ShownOrder: Sendable, Equatable {
    public var alpacaOrderID: BrokerOrderID?
    public var clientOrderID: ClientOrderID?
    public var symbol: Symbol?
    public var side: Side?
    public var qty: Amount?
    public var status: BrokerWord?
    public var filledQty: Amount?
    public var filledAvgPrice: Amount?
    public var limitPrice: Amount?
    public var submittedAt: Timestamp?
    public var raw: CompactJSON

    public init(
        alpacaOrderID: BrokerOrderID? = nil, clientOrderID: ClientOrderID? = nil, symbol: Symbol? = nil,
        side: Side? = nil, qty: Amount? = nil, status: BrokerWord? = nil, filledQty: Amount? = nil,
        filledAvgPrice: Amount? = nil, limitPrice: Amount? = nil, submittedAt: Timestamp? = nil,
        raw: CompactJSON = .emptyObject
    ) {
        self.alpacaOrderID = alpacaOrderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.qty = qty
        self.status = status
        self.filledQty = filledQty
        self.filledAvgPrice = filledAvgPrice
        self.limitPrice = limitPrice
        self.submittedAt = submittedAt
        self.raw = raw
    }

    /// As the words of Alpaca's orders; a word that is not theirs is no status we know.
    public var orderStatus: OrderStatus? { status.flatMap { OrderStatus(rawValue: $0.text) } }
}

/// What came of a submit or replace, as the adapter's client read it off the wire.
public enum SubmitAnswer: Sendable, Equatable {
    /// A 2xx with an order in it; whether it is believed is decided here.
    case order(ShownOrder, AdapterReply, idempotentReplay: Bool?)
    /// An answer that proves by contract that no order is live: see `ReplyMeaning`.
    case refused(RejectionClass, FailureTaxonomy, AdapterReply, raw: CompactJSON?)
    /// No connection was ever established.
    case neverConnected(AdapterReply)
    /// Not a byte went out, because the last look before the first one forbade it: the kill switch, or the deadline.
    case heldBack(FailureTaxonomy, AdapterReply)
    /// Bytes went out, or may have, and nothing proves what became of them.
    case unclear(FailureTaxonomy, AdapterReply, raw: CompactJSON?)
}

/// What an answer by HTTP means, for a submit or a replace.
public enum ReplyMeaning: Sendable, Equatable {
    case order
    case refused(RejectionClass, FailureTaxonomy)
    case unclear(FailureTaxonomy)
    /// 429: nothing was done; wait as long as the answer says and ask again within the deadline.
    case wait

    /// The code by which an adapter's client passes on "client_order_id must be unique".
    public static let duplicateClientOrderID = "duplicate_client_order_id"

    /// The contract of both adapters; the code is `detail` or `outcome` of a LEAN runner's body.
    public init(of adapter: Adapter, status: Int64, code: String?) {
        switch adapter {
        case .lean: self = Self.lean(status, code)
        case .alpaca, .simulation, .unknown: self = Self.alpaca(status, code)
        }
    }

    private static func lean(_ status: Int64, _ code: String?) -> ReplyMeaning {
        switch (status, code) {
        case (200...299, _): .order
        case (422, "broker_rejected"): .refused(.brokerRejected, .brokerRejected)
        case (422, "contract_invalid"): .refused(.contractInvalid, .http4xx)
        case (401, _), (403, _): .refused(.authRejected, .authRejected)
        case (404, _): .refused(.notSent, .http4xx)
        // Somebody else owns the partition: what became of our attempt is for him to find out.
        case (409, "stale_epoch"): .unclear(.staleEpoch)
        case (410, _): .refused(.notSent, .deadlinePassed)
        case (429, _): .wait
        case (503, "not_sent"): .refused(.notSent, .http5xx)
        case (500...599, _): .unclear(.http5xx)
        // Anything else breaks the contract, so nothing it says is believed.
        default: .unclear(.contractViolation)
        }
    }

    private static func alpaca(_ status: Int64, _ code: String?) -> ReplyMeaning {
        switch (status, code) {
        case (200...299, _): .order
        case (401, _), (403, _): .refused(.authRejected, .authRejected)
        // The broker has an order under our id already, so this refusal proves the opposite of absence.
        case (422, duplicateClientOrderID): .unclear(.brokerRejected)
        case (400, _), (404, _), (422, _): .refused(.brokerRejected, .brokerRejected)
        case (429, _): .wait
        case (500...599, _): .unclear(.http5xx)
        default: .unclear(.contractViolation)
        }
    }
}

/// The contract an order must keep before anything it says is believed.
public enum ReplyContract {
    public static let name = Code(trusted: "contract_v1")

    /// What is wrong with a reply to a submit, in the original's words; empty when it keeps the contract.
    static func faults(
        _ order: ShownOrder, of clientOrderID: ClientOrderID, _ symbol: Symbol, _ side: Side, _ terms: OrderTerms
    ) -> [String] {
        var faults: [String] = []
        var missing: [String] = []
        if order.alpacaOrderID == nil { missing.append("id") }
        if order.qty == nil, terms.qty != nil { missing.append("qty") }
        if order.status == nil { missing.append("status") }
        if order.symbol == nil { missing.append("symbol") }
        if !missing.isEmpty {
            faults.append("lean_order_payload_missing_keys:\(missing.joined(separator: ","))")
        }
        if order.status != nil, order.orderStatus == nil { faults.append("lean_order_payload_status_unknown") }
        if let shown = order.clientOrderID, shown != clientOrderID {
            faults.append("lean_order_payload_client_order_id_mismatch")
        }
        if let shown = order.symbol, !shown.isSpelling(of: symbol) {
            faults.append("lean_order_payload_symbol_mismatch")
        }
        if let shown = order.side, shown != side { faults.append("lean_order_payload_side_mismatch") }
        if let shown = order.qty, let asked = terms.qty, shown != asked {
            faults.append(
                shown <= .zero ? "lean_order_payload_qty_non_positive" : "lean_order_payload_qty_invalid")
        }
        return faults
    }

    /// Whether a look-up shows the order that was asked for; one that does not is no answer at all.
    static func isAnswer(_ order: ShownOrder, to clientOrderID: ClientOrderID, _ symbol: Symbol, _ side: Side) -> Bool {
        order.clientOrderID == clientOrderID && order.alpacaOrderID != nil && order.orderStatus != nil
            && (order.symbol?.isSpelling(of: symbol) ?? true)
            && (order.side == nil || order.side == side)
    }
}
