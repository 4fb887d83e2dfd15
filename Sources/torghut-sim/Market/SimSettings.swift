import Core

/// What the script may change while the simulator runs.
struct SimSettings: Sendable, Equatable {
    /// Off, the same client order id makes a second order: what a broker without uniqueness would do.
    var hasUniqueClientOrderIDs = true
    /// Orders that can be filled at the quote are.
    var fillsAtOnce = true
    /// Of a thousand filled orders, so many in two parts.
    var partialPerMille = 0
    /// Off, a canceled order stays `pending_cancel` until the script confirms it.
    var cancelsAtOnce = true
    /// Requests per minute and key before 429; zero is without end.
    var requestsPerMinute = 0
    var isOpen = true
    var isBlocked = false
    var allowsShorts = true
    /// Every trade update is sent so many times.
    var updateCopies = 1
    /// So many of the next trade updates are lost.
    var updatesToLose = 0
    /// Orders that come meanwhile have one and the same time.
    var freezesClock = false
    /// How much worse than the quote orders at the market are filled, in basis points; below zero is better.
    var fillSlippageBps = Amount.zero
    /// The same for some symbols alone.
    var symbolSlippageBps: [String: Amount] = [:]
    /// The largest page of a list.
    var maximumPage = 500

    static func pages(_ limit: Int) -> Int { max(1, min(500, limit)) }

    /// As they would have to be told to be as they are.
    var json: Tree {
        .object([
            "unique_client_order_ids": .bool(hasUniqueClientOrderIDs), "fills_at_once": .bool(fillsAtOnce),
            "partial_per_mille": .count(partialPerMille), "cancels_at_once": .bool(cancelsAtOnce),
            "requests_per_minute": .count(requestsPerMinute), "is_open": .bool(isOpen),
            "trading_blocked": .bool(isBlocked), "shorting_enabled": .bool(allowsShorts),
            "update_copies": .count(updateCopies), "updates_to_lose": .count(updatesToLose),
            "freezes_clock": .bool(freezesClock), "fill_slippage_bps": .amount(fillSlippageBps),
            "symbol_slippage_bps": .object(
                symbolSlippageBps.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .amount($0.value)) }),
            "maximum_page": .count(maximumPage),
        ])
    }

    mutating func apply(_ tree: Tree) -> String? {
        guard case .object(let fields) = tree else { return "settings are an object" }
        for field in fields {
            let value = field.value
            switch field.name {
            case "unique_client_order_ids": hasUniqueClientOrderIDs = value.bool ?? hasUniqueClientOrderIDs
            case "fills_at_once": fillsAtOnce = value.bool ?? fillsAtOnce
            case "partial_per_mille": partialPerMille = value.integer ?? partialPerMille
            case "cancels_at_once": cancelsAtOnce = value.bool ?? cancelsAtOnce
            case "requests_per_minute": requestsPerMinute = value.integer ?? requestsPerMinute
            case "is_open": isOpen = value.bool ?? isOpen
            case "trading_blocked": isBlocked = value.bool ?? isBlocked
            case "shorting_enabled": allowsShorts = value.bool ?? allowsShorts
            case "update_copies": updateCopies = value.integer ?? updateCopies
            case "updates_to_lose": updatesToLose = value.integer ?? updatesToLose
            case "freezes_clock": freezesClock = value.bool ?? freezesClock
            case "fill_slippage_bps": fillSlippageBps = value.amount ?? fillSlippageBps
            case "symbol_slippage_bps":
                guard case .object(let symbols) = value else { return "symbol_slippage_bps is an object" }
                for symbol in symbols { symbolSlippageBps[symbol.name] = symbol.value.amount }
            case "maximum_page": maximumPage = Self.pages(value.integer ?? maximumPage)
            default: return "there is no setting '\(field.name)'"
            }
        }
        return nil
    }
}

/// What the script wants for certain submits.
struct Outcome: Sendable {
    enum Action: String, Sendable, CaseIterable {
        /// Accepted, and left alone by the market.
        case rest
        case fill
        case partial
        /// 403, insufficient buying power.
        case reject
        /// Accepted, and then rejected on the stream.
        case rejectLater = "reject_later"
        case rateLimit = "rate_limit"
        case errorBefore = "error_before"
        case errorAfter = "error_after"
        case hangBefore = "hang_before"
        case hangAfter = "hang_after"
        case dropBefore = "drop_before"
        case dropAfter = "drop_after"

        var isBefore: Bool {
            switch self {
            case .reject, .rateLimit, .errorBefore, .hangBefore, .dropBefore: true
            case .rest, .fill, .partial, .rejectLater, .errorAfter, .hangAfter, .dropAfter: false
            }
        }
    }

    let action: Action
    let clientOrderID: String?
    let symbol: String?
    var times: Int
    /// How long a hanging one hangs, and what `Retry-After` says in whole seconds.
    let milliseconds: Int

    init?(_ tree: Tree) {
        guard let action = tree["action"]?.string.flatMap(Action.init) else { return nil }
        self.action = action
        clientOrderID = tree["client_order_id"]?.string
        symbol = tree["symbol"]?.string
        times = tree["times"]?.integer ?? 1
        milliseconds = tree["milliseconds"]?.integer ?? (action == .rateLimit ? 1_000 : 60_000)
    }

    func fits(_ order: SimOrder) -> Bool {
        (clientOrderID ?? order.clientOrderID) == order.clientOrderID && (symbol ?? order.symbol) == order.symbol
    }
}
