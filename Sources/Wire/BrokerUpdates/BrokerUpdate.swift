public import Core
public import Domain

/// What a message on a trade-updates topic says, whatever shape it came in.
///
/// A field is `nil` when the message does not have it. A field that is there and wrong makes the whole message
/// unreadable: nothing is ever guessed.
public struct BrokerUpdate: Sendable, Equatable {
    public var shape: UpdateShape
    /// The forwarder's version: 1 and 2 are the same but for the account label.
    public var envelopeVersion: Int64?

    public var account: AccountLabel
    public var accountOrigin: AccountOrigin
    /// As the message spells it; `UNKNOWN` is read as none.
    public var symbol: Symbol?

    /// Alpaca's event, `nil` in an order without one.
    public var eventType: BrokerWord?
    public var status: BrokerWord?
    public var eventTime: Timestamp?
    public var eventTimeOrigin: TimeOrigin?
    public var ingestTime: Timestamp?
    /// The forwarder's number: it restarts at 1 with the forwarder.
    public var feedSeq: Int64?

    public var orderID: BrokerOrderID?
    public var clientOrderID: ClientOrderID?
    /// The execution that it is about.
    public var executionID: ExecutionID?
    /// Its own, where it corrects or takes back another one.
    public var amendmentID: ExecutionID?
    public var replaces: BrokerOrderID?
    public var replacedBy: BrokerOrderID?

    public var side: Side?
    public var orderType: BrokerWord?
    public var timeInForce: BrokerWord?
    public var terms: Terms
    public var fill: Fill

    /// The same for the same broker event on every topic, however often it is sent; see docs/identity.md.
    public var fingerprint: ContentHash
    /// The whole message.
    public var raw: CompactJSON

    /// What was asked for.
    public struct Terms: Sendable, Equatable {
        /// `nil` for an order by notional.
        public var qty: Amount?
        public var notional: Amount?
        public var limitPrice: Amount?
        public var stopPrice: Amount?
    }

    /// What was filled.
    public struct Fill: Sendable, Equatable {
        /// So far.
        public var filledQty: Amount?
        /// Of all fills so far, rounded half to even when it has more than nine digits: an average may have any number.
        public var averagePrice: Amount?
        /// This slice, for fills.
        public var sliceQty: Amount?
        public var slicePrice: Amount?
        /// The position afterwards, signed.
        public var positionQty: Amount?
    }

    public enum TimeOrigin: String, Sendable, CaseIterable {
        case payloadTimestamp = "payload.timestamp"
        case payloadT = "payload.t"
        case orderUpdatedAt = "order.updated_at"
        case orderSubmittedAt = "order.submitted_at"
        case envelopeEventTs = "envelope.event_ts"
        case envelopeEventTsCamel = "envelope.eventTs"
    }
}

/// Why a message on a trade-updates topic is put aside.
public enum BrokerUpdateRefusal: Error, Equatable, Sendable {
    case malformed(WireError.Reason)
    /// JSON, and neither an envelope, nor a frame of trade updates, nor an order.
    case missingPayload
    /// Neither an order id nor a client order id.
    case missingIdentity
    /// The field at this path is there and wrong.
    case invalid(path: String, String)

    /// The name under which it is put aside.
    public var parkReason: ParkReason {
        switch self {
        case .malformed: .malformed
        case .missingPayload: .missingPayload
        case .missingIdentity: .missingIdentity
        case .invalid: .unreadablePayload
        }
    }
}

extension BrokerUpdateRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): reason.description
        case .missingPayload: "holds no trade update"
        case .missingIdentity: "names neither an order id nor a client order id"
        case .invalid(let path, let reason): "\(path): \(reason)"
        }
    }
}
