internal import Core
internal import Domain

/// The facts as columns: the same names in every table that keeps them.
extension OrderFacts {
    mutating func walkTerms<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (side, type, time) = (terms?.side, terms?.orderType, terms?.timeInForce)
        var (qty, notional) = (terms?.qty, terms?.notional)
        var (limit, stop) = (terms?.limitPrice, terms?.stopPrice)
        var (rank, at, event) = (terms?.rank, terms?.saying.at, terms?.saying.event)
        try columns.text("side", &side, "Buy or sell.")
        try columns.text("order_type", &type, "How its price is found.")
        try columns.text("time_in_force", &time, "How long it stands.")
        try columns.column("submitted_qty", &qty, ColumnNote("What was asked for.", unit: "units"))
        try columns.column("submitted_notional", &notional, ColumnNote("For an order by notional.", unit: "currency"))
        try columns.column("limit_price", &limit, ColumnNote("Limit price.", unit: "currency per unit"))
        try columns.column("stop_price", &stop, ColumnNote("Stop price.", unit: "currency per unit"))
        try columns.column("terms_rank", &rank, "How good the witness of these terms is; 0 is the best.")
        try columns.column("terms_at", &at, "When it said so.")
        try columns.column("terms_event_id", &event, "Which event it was.")
        guard let rank, let at, let event else { return }
        terms = Terms(
            rank: rank, saying: Saying(at: at, event: event), side: side, orderType: type, timeInForce: time, qty: qty,
            notional: notional, limitPrice: limit, stopPrice: stop)
    }

    mutating func walkStatus<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (status, at) = (standing?.status, standing.map { Moment($0.at) })
        var reply = standing?.isReply
        try columns.text("broker_status", &status, "Where the broker has it.")
        try columns.column("broker_status_at", &at, "When that was said.")
        try columns.column("broker_status_is_reply", &reply, "Whether it was only said in a reply to us.")
        guard let status, let at, let reply else { return }
        standing = OrderStanding(status, at: at.timestamp, isReply: reply)
    }

    mutating func walkReported<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (qty, price) = (reported?.qty, reported?.price)
        var (at, event) = (reported?.saying.at, reported?.saying.event)
        try columns.column(
            "reported_filled_qty", &qty, ColumnNote("The highest cumulative quantity said.", unit: "units"))
        try columns.column(
            "reported_avg_fill_price", &price, ColumnNote("Said with it.", unit: "currency per unit"))
        try columns.column("reported_at", &at, "When it was said.")
        try columns.column("reported_event_id", &event, "Which event said it.")
        guard let qty, let at, let event else { return }
        reported = Reported(qty: qty, price: price, saying: Saying(at: at, event: event))
    }

    mutating func walkReplacing<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("replaces", &replaces, "The broker's id of the order it replaces.")
        try columns.text("replaced_by", &replacedBy, "The broker's id of the order that replaces it.")
    }

    mutating func walkRest<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("cancel_requested_at", &cancelRequestedAt, "When it was first asked to be canceled.")
        var (order, at, event) = (rawOrder?.order, rawOrder?.saying.at, rawOrder?.saying.event)
        try columns.column("raw_order", &order, "The order as it was last read.")
        try columns.column("raw_order_at", &at, "When that was.")
        try columns.column("raw_order_event_id", &event, "Which event brought it.")
        if let order, let at, let event { rawOrder = RawOrder(order: order, saying: Saying(at: at, event: event)) }
        try columns.column("last_update_at", &lastUpdateAt, "When the broker last said anything.")
        try columns.column("last_reconcile_at", &lastReconcileAt, "When the reconciler last read it.")
        var (feedAt, feedEvent, seq) = (feedMark?.saying.at, feedMark?.saying.event, feedMark?.seq)
        try columns.column("order_feed_last_event_ts", &feedAt, "The latest update of the stream.")
        try columns.column("order_feed_last_event_id", &feedEvent, "Which event that is.")
        try columns.column("order_feed_last_seq", &seq, "Its forwarder's number: restarts, orders nothing.")
        if let feedAt, let feedEvent { feedMark = FeedMark(saying: Saying(at: feedAt, event: feedEvent), seq: seq) }
    }
}
