public import Core
public import Domain
internal import HTTPClient
internal import JSON

/// What a read of the account brought.
public enum ReadVerdict<Value: Sendable & Equatable>: Sendable, Equatable {
    case read(Value)
    /// Alpaca says in its own words that there is none.
    case absent
    case inconclusive(FailureTaxonomy)
}

/// The account as Alpaca describes it.
public struct AlpacaAccount: Sendable, Equatable {
    public var status: BrokerWord
    public var currency: Label
    public var cash: Amount
    public var buyingPower: Amount
    public var equity: Amount
    public var multiplier: Amount?
    public var tradingBlocked: Bool
    public var accountBlocked: Bool
    public var shortingEnabled: Bool?
    public var patternDayTrader: Bool?
    public var raw: CompactJSON

    public init(
        status: BrokerWord, currency: Label, cash: Amount, buyingPower: Amount, equity: Amount,
        multiplier: Amount? = nil, tradingBlocked: Bool, accountBlocked: Bool, shortingEnabled: Bool? = nil,
        patternDayTrader: Bool? = nil, raw: CompactJSON = .emptyObject
    ) {
        self.status = status
        self.currency = currency
        self.cash = cash
        self.buyingPower = buyingPower
        self.equity = equity
        self.multiplier = multiplier
        self.tradingBlocked = tradingBlocked
        self.accountBlocked = accountBlocked
        self.shortingEnabled = shortingEnabled
        self.patternDayTrader = patternDayTrader
        self.raw = raw
    }
}

/// The broker's clock.
public struct AlpacaClock: Sendable, Equatable {
    public var timestamp: Timestamp
    public var isOpen: Bool
    public var nextOpen: Timestamp
    public var nextClose: Timestamp
}

/// What may be done with a symbol; what Alpaca does not say is not known.
public struct AlpacaAsset: Sendable, Equatable {
    public var symbol: Symbol
    public var isTradable: Bool
    public var isShortable: Bool?
    public var isEasyToBorrow: Bool?
    public var isFractionable: Bool?
}

extension AlpacaAdapter {
    public func account(_ call: CallTerms) async -> Answered<ReadVerdict<AlpacaAccount>> {
        await read("/v2/account", call) { value throws(ContractBreach) in
            AlpacaAccount(
                status: try AccountFields.name(value, "status"), currency: try AccountFields.name(value, "currency"),
                cash: try AccountFields.amount(value, "cash"),
                buyingPower: try AccountFields.amount(value, "buying_power"),
                equity: try AccountFields.amount(value, "equity"),
                multiplier: AccountFields.optional(value, "multiplier"),
                tradingBlocked: try AccountFields.flag(value, "trading_blocked"),
                accountBlocked: try AccountFields.flag(value, "account_blocked"),
                shortingEnabled: value.field("shorting_enabled")?.bool,
                patternDayTrader: value.field("pattern_day_trader")?.bool, raw: ReplyDocument.compact(value))
        }
    }

    /// All of them, or none: a list with holes would look like positions that are gone.
    public func positions(_ call: CallTerms) async -> Answered<ReadVerdict<[HeldPosition]>> {
        await read("/v2/positions", call) { value throws(ContractBreach) in
            guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
            var positions: [HeldPosition] = []
            while let element = elements.next() {
                positions.append(
                    HeldPosition(
                        symbol: try AccountFields.name(element, "symbol"),
                        qty: try AccountFields.amount(element, "qty"),
                        qtyAvailable: AccountFields.optional(element, "qty_available"),
                        avgEntryPrice: AccountFields.optional(element, "avg_entry_price"),
                        marketValue: AccountFields.optional(element, "market_value"),
                        currentPrice: AccountFields.optional(element, "current_price")))
            }
            return positions
        }
    }

    public func clock(_ call: CallTerms) async -> Answered<ReadVerdict<AlpacaClock>> {
        await read("/v2/clock", call) { value throws(ContractBreach) in
            AlpacaClock(
                timestamp: try AccountFields.time(value, "timestamp"), isOpen: try AccountFields.flag(value, "is_open"),
                nextOpen: try AccountFields.time(value, "next_open"),
                nextClose: try AccountFields.time(value, "next_close"))
        }
    }

    public func asset(_ symbol: Symbol, _ call: CallTerms) async -> Answered<ReadVerdict<AlpacaAsset>> {
        await read("/v2/assets/" + Escaping.part(symbol.text), call) { value throws(ContractBreach) in
            AlpacaAsset(
                symbol: try AccountFields.name(value, "symbol"), isTradable: try AccountFields.flag(value, "tradable"),
                isShortable: value.field("shortable")?.bool, isEasyToBorrow: value.field("easy_to_borrow")?.bool,
                isFractionable: value.field("fractionable")?.bool)
        }
    }

    private func read<Value: Sendable & Equatable>(
        _ path: String, _ call: CallTerms, _ body: (JSONValue) throws(ContractBreach) -> Value
    ) async -> Answered<ReadVerdict<Value>> {
        await ask(request(.get, path), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            guard response.status == 200 else {
                let taxonomy = AlpacaReplies.taxonomy(response, &record)
                let isAbsent = response.status == 404 && ReplyDocument.field("code", in: response.body) == "40410000"
                return isAbsent ? .absent : .inconclusive(taxonomy)
            }
            do throws(ContractBreach) {
                guard let found = try ReplyDocument.read(response.body, body) else {
                    return .inconclusive(.invalidJSON)
                }
                return .read(found)
            } catch {
                record.note(code: "alpaca_read_" + error.what)
                return .inconclusive(.contractViolation)
            }
        }
    }
}

/// Fields that must be there.
private enum AccountFields {
    static func name<Kind: IdentifierKind>(
        _ value: JSONValue, _ name: StaticString
    ) throws(ContractBreach) -> Identifier<Kind> {
        guard let text = value.field(name)?.string else { throw ContractBreach("missing_keys:\(name)") }
        do { return try Identifier<Kind>(text) } catch { throw ContractBreach("\(name)_invalid") }
    }

    static func amount(_ value: JSONValue, _ name: StaticString) throws(ContractBreach) -> Amount {
        guard let field = value.field(name) else { throw ContractBreach("missing_keys:\(name)") }
        guard let amount = LooseAmount.readPrice(field) else { throw ContractBreach("\(name)_invalid") }
        return amount
    }

    static func optional(_ value: JSONValue, _ name: StaticString) -> Amount? {
        guard let field = value.field(name) else { return nil }
        return LooseAmount.readPrice(field)
    }

    static func flag(_ value: JSONValue, _ name: StaticString) throws(ContractBreach) -> Bool {
        guard let flag = value.field(name)?.bool else { throw ContractBreach("missing_keys:\(name)") }
        return flag
    }

    static func time(_ value: JSONValue, _ name: StaticString) throws(ContractBreach) -> Timestamp {
        guard let text = value.field(name)?.string else { throw ContractBreach("missing_keys:\(name)") }
        do { return try Timestamp(text) } catch { throw ContractBreach("\(name)_invalid") }
    }
}
