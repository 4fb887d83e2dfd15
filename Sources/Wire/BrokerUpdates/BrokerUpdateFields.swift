internal import Core
internal import Digest
internal import Domain

/// Where the fields of an update may lie, and which place wins.
struct BrokerUpdateFields: ~Escapable {
    private let envelope: LooseObject
    private let payload: LooseObject
    private let order: LooseObject
    /// Whether the order stands inside the payload; else its fields would be taken for those of a slice.
    private let orderIsInside: Bool

    @_lifetime(copy envelope, copy payload)
    init(_ envelope: LooseObject, _ payload: LooseObject) {
        self.envelope = envelope
        self.payload = payload
        if let order = payload.object("order") {
            self.order = order
            orderIsInside = true
        } else {
            order = payload
            orderIsInside = false
        }
    }

    func update(
        _ shape: UpdateShape, _ raw: CompactJSON, _ defaultAccount: AccountLabel
    ) throws(BrokerUpdateRefusal) -> BrokerUpdate {
        let (account, accountOrigin) = try account(defaultAccount)
        let (time, timeOrigin) = try time()
        let eventType: BrokerWord? = try first(.payload("event"), .payload("event_type"))
        let execution = try executions(eventType)
        var update = BrokerUpdate(
            shape: shape, envelopeVersion: try integer(.envelope("version")), account: account,
            accountOrigin: accountOrigin, symbol: try symbol(), eventType: eventType,
            status: try first(.order("status"), .payload("status")), eventTime: time, eventTimeOrigin: timeOrigin,
            ingestTime: try first(.envelope("ingest_ts"), .envelope("ingestTs")),
            feedSeq: try integer(.envelope("seq"), .payload("seq")),
            orderID: try first(.order("id"), .order("order_id"), .order("orderId")),
            clientOrderID: try first(
                .order("client_order_id"), .order("clientOrderId"), .payload("client_order_id"),
                .payload("clientOrderId")),
            executionID: execution.about, amendmentID: execution.own,
            replaces: try first(.order("replaces")),
            replacedBy: try first(.order("replaced_by"), .order("replacedBy")), side: try first(.order("side")),
            orderType: try first(.order("type"), .order("order_type")),
            timeInForce: try first(.order("time_in_force"), .order("timeInForce")), terms: try terms(),
            fill: try fill(eventType), fingerprint: ContentHash((0, 0, 0, 0)), raw: raw)
        guard update.orderID != nil || update.clientOrderID != nil else { throw .missingIdentity }
        update.fingerprint = ContentHash(digest: SHA256.hash(update.fingerprintText))
        return update
    }

    /// One of the places where a field may lie.
    private enum Place: Sendable {
        case envelope(StaticString)
        case payload(StaticString)
        case order(StaticString)
    }

    @_lifetime(copy self)
    private func object(_ place: Place) -> LooseObject {
        switch place {
        case .envelope: envelope
        case .payload: payload
        case .order: order
        }
    }

    private func name(_ place: Place) -> StaticString {
        switch place {
        case .envelope(let name), .payload(let name), .order(let name): name
        }
    }

    /// The first of these places that holds a value.
    private func first<Value: FieldText>(_ places: Place...) throws(BrokerUpdateRefusal) -> Value? {
        for place in places {
            if let value: Value = try object(place).text(name(place)) { return value }
        }
        return nil
    }

    private func amount(
        _ places: Place..., digits: LooseDecimal.Digits = .exact
    ) throws(BrokerUpdateRefusal) -> Amount? {
        for place in places {
            if let value = try object(place).amount(name(place), digits) { return value }
        }
        return nil
    }

    private func integer(_ places: Place...) throws(BrokerUpdateRefusal) -> Int64? {
        for place in places {
            if let value = try object(place).integer(name(place)) { return value }
        }
        return nil
    }

    private func symbol() throws(BrokerUpdateRefusal) -> Symbol? {
        let symbol: Symbol? = try first(.order("symbol"), .payload("symbol"), .envelope("symbol"))
        return symbol?.text == "UNKNOWN" ? nil : symbol
    }

    /// The most specific label wins, and every one wins over the reader's own.
    private static let accountPlaces: [(Place, AccountOrigin)] = [
        (.payload("account_label"), .payloadAccountLabel), (.payload("accountLabel"), .payloadAccountLabelCamel),
        (.order("alpaca_account_label"), .orderAlpacaAccountLabel), (.order("account_label"), .orderAccountLabel),
        (.order("accountLabel"), .orderAccountLabelCamel), (.envelope("account_label"), .envelopeAccountLabel),
        (.envelope("accountLabel"), .envelopeAccountLabelCamel),
    ]

    private static let timePlaces: [(Place, BrokerUpdate.TimeOrigin)] = [
        (.payload("timestamp"), .payloadTimestamp), (.payload("t"), .payloadT),
        (.order("updated_at"), .orderUpdatedAt), (.order("submitted_at"), .orderSubmittedAt),
        (.envelope("event_ts"), .envelopeEventTs), (.envelope("eventTs"), .envelopeEventTsCamel),
    ]

    private func account(
        _ defaultAccount: AccountLabel
    ) throws(BrokerUpdateRefusal) -> (AccountLabel, AccountOrigin) {
        for (place, origin) in Self.accountPlaces {
            if let label: AccountLabel = try first(place) { return (label, origin) }
        }
        return (defaultAccount, .laneDefault)
    }

    private func time() throws(BrokerUpdateRefusal) -> (Timestamp?, BrokerUpdate.TimeOrigin?) {
        for (place, origin) in Self.timePlaces {
            if let time: Timestamp = try first(place) { return (time, origin) }
        }
        return (nil, nil)
    }

    private func terms() throws(BrokerUpdateRefusal) -> BrokerUpdate.Terms {
        BrokerUpdate.Terms(
            qty: try amount(.order("qty")), notional: try amount(.order("notional")),
            limitPrice: try amount(.order("limit_price")), stopPrice: try amount(.order("stop_price")))
    }

    /// `qty` and `price` beside an order are the slice's, but only a fill has a slice.
    private func fill(_ eventType: BrokerWord?) throws(BrokerUpdateRefusal) -> BrokerUpdate.Fill {
        var fill = BrokerUpdate.Fill(
            filledQty: try amount(.order("filled_qty")),
            averagePrice: try amount(.order("filled_avg_price"), .order("avg_fill_price"), digits: .rounded))
        guard orderIsInside else { return fill }
        fill.positionQty = try amount(.payload("position_qty"))
        guard let eventType, Self.fills.contains(eventType.text) else { return fill }
        fill.sliceQty = try amount(
            .payload("fill_qty"), .payload("last_fill_qty"), .payload("filled_qty_delta"), .payload("qty"),
            .payload("quantity"))
        fill.slicePrice = try amount(.payload("price"), .payload("fill_price"), digits: .rounded)
        return fill
    }

    private static let fills: Set<String> = ["fill", "filled", "partial_fill", "partially_filled", "trade_correct"]

    /// A bust or a correction is about the execution that it names as the one before, where it names one.
    private func executions(
        _ eventType: BrokerWord?
    ) throws(BrokerUpdateRefusal) -> (about: ExecutionID?, own: ExecutionID?) {
        let own: ExecutionID? = try first(.payload("execution_id"), .payload("executionId"))
        guard let eventType, Self.amendments.contains(eventType.text) else { return (own, nil) }
        return (try first(.payload("previous_execution_id")) ?? own, own)
    }

    private static let amendments: Set<String> = ["trade_bust", "trade_correct"]
}

extension BrokerUpdate {
    /// What makes two messages one broker event.
    ///
    /// A slice is its execution; anything else is what it says of the order. Neither the topic nor the forwarder's
    /// number belongs to it.
    var fingerprintText: [UInt8] {
        var text = CanonicalText(
            "torghut.broker-update.v1",
            [
                ("account_label", account.text), ("order", orderID?.text ?? clientOrderID?.text ?? ""),
                ("event_type", eventType?.text ?? ""),
            ])
        // One that brings no slice of its own says what any other update says.
        if let execution = amendmentID ?? executionID, fill.sliceQty != nil || eventType?.text == "trade_bust" {
            text.append("execution_id", execution.text)
        } else {
            text.append("status", status?.text ?? "")
            text.append("event_ts", eventTime?.description ?? "")
            text.append("qty", terms.qty?.description ?? "")
            text.append("filled_qty", fill.filledQty?.description ?? "")
            text.append("filled_avg_price", fill.averagePrice?.description ?? "")
        }
        return text.bytes
    }
}
