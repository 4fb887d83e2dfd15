/// The shape a broker update came in.
public enum UpdateShape: String, Word {
    public static let words = WordTable<UpdateShape>()

    case envelopeCamelCase = "envelope_camel_case"
    case envelopeSnakeCase = "envelope_snake_case"
    case rawFrame = "raw_frame"
    case bareOrder = "bare_order"
    case orderObject = "order_object"

    public var meaning: String {
        switch self {
        case .envelopeCamelCase: "The forwarder's envelope with camelCase keys."
        case .envelopeSnakeCase: "The envelope with snake_case keys."
        case .rawFrame: "Alpaca's own frame."
        case .bareOrder: "An object with an order in it, without an envelope."
        case .orderObject: "The order alone."
        }
    }
}

/// What the order feed made of a broker update.
public enum UpdateClass: String, Word {
    public static let words = WordTable<UpdateClass>()

    case applied
    case noChange = "no_change"
    case duplicate
    case outOfOrder = "out_of_order"
    case unlinked
    case foreign
    case conflict

    public var meaning: String {
        switch self {
        case .applied: "It moved the order."
        case .noChange: "It said what was known."
        case .duplicate: "The same broker event as one before."
        case .outOfOrder: "Older than what is known: recorded, not applied."
        case .unlinked: "No order of ours has this identity yet."
        case .foreign: "It belongs to an account or order that is not ours."
        case .conflict: "It contradicts a terminal state."
        }
    }
}

/// Where a fill's quantity comes from.
public enum FillBasis: String, Word {
    public static let words = WordTable<FillBasis>()

    case delta
    case cumulativeToDelta = "cumulative_to_delta"
    case cumulativeNonIncreasing = "cumulative_non_increasing"

    public var meaning: String {
        switch self {
        case .delta: "The message carries the slice."
        case .cumulativeToDelta: "The cumulative quantity less the largest seen."
        case .cumulativeNonIncreasing: "The cumulative quantity did not grow: no fill."
        }
    }
}

/// Where the account label of an update was found.
public enum AccountOrigin: String, Word {
    public static let words = WordTable<AccountOrigin>()

    case payloadAccountLabel = "payload.account_label"
    case payloadAccountLabelCamel = "payload.accountLabel"
    case orderAlpacaAccountLabel = "order.alpaca_account_label"
    case orderAccountLabel = "order.account_label"
    case orderAccountLabelCamel = "order.accountLabel"
    case envelopeAccountLabel = "envelope.account_label"
    case envelopeAccountLabelCamel = "envelope.accountLabel"
    case laneDefault = "lane_default"

    public var meaning: String {
        switch self {
        case .payloadAccountLabel: "In the payload, snake_case."
        case .payloadAccountLabelCamel: "In the payload, camelCase."
        case .orderAlpacaAccountLabel: "In the order."
        case .orderAccountLabel: "In the order, snake_case."
        case .orderAccountLabelCamel: "In the order, camelCase."
        case .envelopeAccountLabel: "In the envelope, snake_case."
        case .envelopeAccountLabelCamel: "In the envelope, camelCase."
        case .laneDefault: "Nowhere: the reader's own label."
        }
    }
}

/// How a snapshot of an order was read.
public enum ObservedBy: String, Word {
    public static let words = WordTable<ObservedBy>()

    case getOrder = "get_order"
    case getOrderByClientOrderID = "get_order_by_client_order_id"
    case listOrders = "list_orders"
    case submitReply = "submit_reply"
    case runner

    public var meaning: String {
        switch self {
        case .getOrder: "By order id."
        case .getOrderByClientOrderID: "By client order id."
        case .listOrders: "From a list."
        case .submitReply: "From the reply to a submit."
        case .runner: "From the runner."
        }
    }
}

/// What does not fit.
public enum DiscrepancyKind: String, Word {
    public static let words = WordTable<DiscrepancyKind>()

    case unknownBrokerOrder = "unknown_broker_order"
    case missingAtBroker = "missing_at_broker"
    case statusMismatch = "status_mismatch"
    case filledQtyMismatch = "filled_qty_mismatch"
    case priceMismatch = "price_mismatch"
    case positionMismatch = "position_mismatch"
    case cashMismatch = "cash_mismatch"
    case notionalMismatch = "notional_mismatch"
    case duplicateLiveOrder = "duplicate_live_order"
    case decisionConflict = "decision_conflict"
    case missingFill = "missing_fill"
    case extraFill = "extra_fill"
    case qtyMismatch = "qty_mismatch"

    public var meaning: String {
        switch self {
        case .unknownBrokerOrder: "The broker has an order that we do not know."
        case .missingAtBroker: "We believe in an order that the broker does not have."
        case .statusMismatch: "The statuses differ."
        case .filledQtyMismatch: "The filled quantities differ."
        case .priceMismatch: "The prices differ."
        case .positionMismatch: "The positions differ."
        case .cashMismatch: "The cash differs."
        case .notionalMismatch: "The notional differs from what the policy computed."
        case .duplicateLiveOrder: "One intent has two live orders."
        case .decisionConflict: "One decision hash has two bodies."
        case .missingFill: "The broker counts fills that he told us nothing of."
        case .extraFill: "We were told of fills that the broker does not count."
        case .qtyMismatch: "The quantities asked for differ."
        }
    }
}

/// How bad it is.
public enum Severity: String, Word {
    public static let words = WordTable<Severity>()

    case info
    case warning
    case critical

    public var meaning: String {
        switch self {
        case .info: "Good to know."
        case .warning: "Look soon."
        case .critical: "Look now."
        }
    }
}

/// How a discrepancy ended.
public enum DiscrepancyResolution: String, Word {
    public static let words = WordTable<DiscrepancyResolution>()

    case selfResolved = "self_resolved"
    case adopted
    case canceled
    case explained

    public var meaning: String {
        switch self {
        case .selfResolved: "Later facts agree."
        case .adopted: "The broker's facts were taken over."
        case .canceled: "The order was canceled."
        case .explained: "An operator explained it."
        }
    }
}
