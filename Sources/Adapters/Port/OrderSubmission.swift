public import Core
public import Domain

/// Watches over the first byte of every request of one call.
public protocol Departure: Sendable {
    /// The last look, on the client's own thread: the connection stands, and not a byte is out. False keeps all of it
    /// back, which is proof that it was not sent.
    func mayLeave() -> Bool

    /// The request is over, whatever became of it; also said when it was kept back, or never came so far.
    func ended()
}

/// On what terms one call is made.
public struct CallTerms: Sendable {
    public var correlationID: CorrelationID
    /// The call has ended by then; with a submit it is also sent along, as `X-Torghut-Deadline`.
    public var deadline: Timestamp
    /// Without one everything may leave: questions, and orders that end something.
    public var departure: (any Departure)?
    /// The span of whoever calls: the request carries it on, as `traceparent`.
    public var trace: TraceContext?
    /// The `tracestate` of whoever began the trace.
    public var traceState: String?

    public init(correlationID: CorrelationID, deadline: Timestamp, departure: (any Departure)? = nil) {
        self.correlationID = correlationID
        self.deadline = deadline
        self.departure = departure
    }

    /// What a request carries of the trace.
    var traceHeaders: [(name: String, value: String)] {
        guard let trace else { return [] }
        return [(name: "traceparent", value: trace.traceparent)]
            + (traceState.map { [(name: "tracestate", value: $0)] } ?? [])
    }
}

/// Who sends: receivers refuse an owner that was succeeded.
public struct SenderEpoch: Sendable, Equatable {
    public var number: Int64
    /// Epochs are compared within one scope, such as a partition; empty is the whole account.
    public var scope: String

    public init(_ number: Int64, scope: String = "") {
        self.number = number
        self.scope = scope
    }
}

/// A new order as every route is asked for it.
public struct OrderSubmission: Sendable, Equatable {
    /// The same on every route; also the idempotency key.
    public var clientOrderID: ClientOrderID
    public var symbol: Symbol
    public var side: Side
    public var terms: OrderTerms
    public var epoch: SenderEpoch

    public init(clientOrderID: ClientOrderID, symbol: Symbol, side: Side, terms: OrderTerms, epoch: SenderEpoch) {
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.terms = terms
        self.epoch = epoch
    }
}

/// New terms for a working order; what is `nil` stays as it is.
public struct OrderReplacement: Sendable, Equatable {
    /// The order that is replaced.
    public var orderID: BrokerOrderID
    /// Of the order that takes its place.
    public var clientOrderID: ClientOrderID
    public var symbol: Symbol
    public var qty: Amount?
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var trail: Amount?
    public var timeInForce: TimeInForce?
    public var epoch: SenderEpoch

    public init(
        orderID: BrokerOrderID, clientOrderID: ClientOrderID, symbol: Symbol, qty: Amount? = nil,
        limitPrice: Amount? = nil, stopPrice: Amount? = nil, trail: Amount? = nil, timeInForce: TimeInForce? = nil,
        epoch: SenderEpoch
    ) {
        self.orderID = orderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.qty = qty
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.trail = trail
        self.timeInForce = timeInForce
        self.epoch = epoch
    }
}
