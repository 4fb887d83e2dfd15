internal import Core
internal import Domain

/// What events say of an order, whether they name it by its own id or by the broker's.
struct OrderState {
    private let sayings: [OrderSaying]

    init(_ sayings: [OrderSaying]) { self.sayings = sayings }

    var terms: OrderSaying? {
        sayings.filter { $0.terms != nil }.min { left, right in
            (left.terms?.rank ?? 0, left.moment, left.id) < (right.terms?.rank ?? 0, right.moment, right.id)
        }
    }

    /// An end before everything, the highest of several; else the broker's latest word; else what we were answered.
    var standing: OrderSaying? {
        let said = sayings.filter { $0.word != nil }
        func rank(_ saying: OrderSaying) -> Int { saying.word.flatMap { BrokerSaying.rank(of: $0) } ?? 0 }
        let byRank: (OrderSaying, OrderSaying) -> Bool = { (rank($0), $0.moment) < (rank($1), $1.moment) }
        return said.filter { BrokerSaying.ends.contains($0.word ?? "") }.max {
            // Of one end at one moment, the broker's own word.
            (rank($0), $0.moment, $0.isReply ? 0 : 1) < (rank($1), $1.moment, $1.isReply ? 0 : 1)
        } ?? said.filter { !$0.isReply }.max { ($0.moment, rank($0)) < ($1.moment, rank($1)) } ?? said.max(by: byRank)
    }

    /// The highest cumulative quantity, as the latest said it.
    var reported: OrderSaying? {
        sayings.filter { $0.reported != nil }.max { left, right in
            (left.reported?.qty ?? 0, left.moment, left.id) < (right.reported?.qty ?? 0, right.moment, right.id)
        }
    }

    private func latest(_ isMeant: (OrderSaying) -> Bool) -> OrderSaying? {
        sayings.filter(isMeant).max { ($0.moment, $0.id) < ($1.moment, $1.id) }
    }

    func set(_ row: inout NaiveRow) {
        let terms = terms
        row.set("side", terms?.terms?.side)
        row.set("order_type", text: terms?.terms?.orderType)
        row.set("time_in_force", text: terms?.terms?.timeInForce)
        row.set("submitted_qty", terms?.terms?.qty)
        row.set("submitted_notional", terms?.terms?.notional)
        row.set("limit_price", terms?.terms?.limitPrice)
        row.set("stop_price", terms?.terms?.stopPrice)
        row.set("terms_rank", terms?.terms?.rank)
        row.set("terms_at", terms?.moment)
        row.set("terms_event_id", terms?.id)
        let standing = standing
        row.set("broker_status", text: standing?.word)
        row.set("broker_status_at", standing?.moment)
        row.set("broker_status_is_reply", standing?.isReply)
        let reported = reported
        row.set("reported_filled_qty", reported?.reported?.qty)
        row.set("reported_avg_fill_price", reported?.reported?.price)
        row.set("reported_at", reported?.moment)
        row.set("reported_event_id", reported?.id)
        row.set("replaces", sayings.compactMap(\.replaces).min())
        row.set("replaced_by", sayings.compactMap(\.replacedBy).min())
        row.set("cancel_requested_at", sayings.filter(\.isCancelRequest).map(\.time).min())
        let raw = latest { $0.rawOrder != nil }
        row.set("raw_order", raw?.rawOrder)
        row.set("raw_order_at", raw?.moment)
        row.set("raw_order_event_id", raw?.id)
        row.set("last_update_at", sayings.filter(\.isUpdate).map(\.moment).max())
        row.set("last_reconcile_at", sayings.compactMap(\.reconciled).max())
        let feed = latest { $0.feed != nil }
        row.set("order_feed_last_event_ts", feed?.moment)
        row.set("order_feed_last_event_id", feed?.id)
        row.set("order_feed_last_seq", feed?.feed?.seq)
        row.set(times: sayings.filter(\.isAboutOrder).map(\.time))
    }
}
