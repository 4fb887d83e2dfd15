public import Core

/// Which orders are to be asked for by themselves, and in which order.
///
/// What the feed made final is asked for only where an answer that came last does not fit it, or where something is open
/// that only a new answer can end.
public struct OrdersToAsk: Sendable {
    /// Why an order is asked for, the most urgent first.
    private enum Reason: Int {
        /// One more answer decides.
        case suspected
        /// It is open here and not in the list.
        case unlisted
        case silent
        /// The list has it, and it went another way than the list came.
        case listed
    }

    /// Of so many questions one is for an order that the list has: a runner's own word must come some time.
    private static let turns = 4

    private let silence: Duration
    /// When orders were last asked for by themselves, by their numbers.
    private var asked: [Int64: Timestamp] = [:]
    /// How often the broker said of an order from outside that he has none.
    private var absences: [Int64: Int] = [:]

    public init(silence: Duration) { self.silence = silence }

    /// Remembers who was asked for, and who was not there; of those that are over nothing is kept.
    public mutating func note(_ round: [Int64: Timestamp], _ view: BrokerView, watching state: ReconcileState) {
        asked = asked.merging(round) { $1 }.filter { state.book.watched.contains($0.key) }
        for order in state.watchedOrders(of: view.account) where !order.isOurs {
            guard let id = order.alpacaOrderID else { continue }
            if view.found.contains(id) {
                absences[order.number] = nil
            } else if view.absent.contains(id) {
                absences[order.number, default: 0] += 1
            }
        }
        absences = absences.filter { state.book.watched.contains($0.key) }
    }

    /// Orders from outside of which the broker said twice that there is none: they are over.
    public func gone(in state: ReconcileState) -> Set<BrokerOrderID> {
        Set(
            state.watchedOrders(of: state.account).filter { absences[$0.number] ?? 0 >= 2 }.compactMap(\.alpacaOrderID))
    }

    /// The most urgent first, and of those the longest silent ones.
    public func orders(
        of account: AccountLabel, in state: ReconcileState, _ suspicions: Suspicions, isListWhole: Bool,
        found: Set<BrokerOrderID>, at now: Timestamp
    ) -> [ReconciledOrder] {
        let waiting = state.ordersAwaitingAnswer
        var orders = state.watchedOrders(of: account)
        orders += waiting.filter { !state.book.watched.contains($0.number) }
        let needed = Set(waiting.map(\.number))
        let wanted = orders.compactMap { order in
            reason(order, state, suspicions, isListWhole, found, needed, now).map { (reason: $0, order: order) }
        }
        let sorted = wanted.sorted {
            ($0.reason.rawValue, silentSince($0.order), $0.order.number)
                < ($1.reason.rawValue, silentSince($1.order), $1.order.number)
        }
        return Self.taking(
            turns: sorted.filter { $0.reason != .listed }.map(\.order),
            sorted.filter { $0.reason == .listed }.map(\.order))
    }

    private static func taking(turns first: [ReconciledOrder], _ second: [ReconciledOrder]) -> [ReconciledOrder] {
        var (orders, first, second) = ([] as [ReconciledOrder], first[...], second[...])
        while !first.isEmpty || !second.isEmpty {
            orders += first.prefix(turns - 1)
            first = first.dropFirst(turns - 1)
            if let next = second.popFirst() { orders.append(next) }
        }
        return orders
    }

    private func silentSince(_ order: ReconciledOrder) -> Timestamp {
        max(order.heardAt, asked[order.number] ?? .earliest)
    }

    private func reason(
        _ order: ReconciledOrder, _ state: ReconcileState, _ suspicions: Suspicions, _ isListWhole: Bool,
        _ found: Set<BrokerOrderID>, _ needed: Set<Int64>, _ now: Timestamp
    ) -> Reason? {
        let isSilent = (silentSince(order).advanced(by: silence) ?? .latest) <= now
        let isListed = order.alpacaOrderID.map(found.contains) ?? false
        // He said twice that he has none: he is asked now and then.
        let isAbsent = state.open[order.absenceKey] != nil || absences[order.number] ?? 0 >= 2
        if isAbsent, !isListed { return isSilent && !order.told.isEnded ? .silent : nil }
        // The list is the broker's own answer; what a runner said is for the runner to say again.
        if !isListed || order.read?.observedBy == .runner {
            let isOpenQuestion = suspicions.awaits(order) && (!order.told.isEnded || order.isReadFresh)
            if isOpenQuestion || needed.contains(order.number) { return .suspected }
        }
        guard !order.told.isEnded else { return nil }
        if isListed {
            let isBrokers = (order.route?.adapter ?? .alpaca) == .alpaca
            return isSilent && !isBrokers ? .listed : nil
        }
        // Without the broker's id it is an attempt, and first the router's business.
        guard order.alpacaOrderID != nil else { return isSilent ? .silent : nil }
        // One answer that it is over is not believed; two are.
        if order.read?.isEnded ?? false { return nil }
        return isListWhole ? .unlisted : isSilent ? .silent : nil
    }
}

extension ReconcileState {
    /// Orders with something open that only a new answer can end.
    var ordersAwaitingAnswer: [ReconciledOrder] {
        var known: Set<Int64> = []
        return open.rows.compactMap { row in
            guard !row.isExplained, row.kind.needsAnswer,
                let order = order(row.account, row.order.clientOrderID, row.order.alpacaOrderID),
                order.awaitsAnswer || order.read?.observedBy == .runner, known.insert(order.number).inserted
            else { return nil }
            return order
        }
    }
}

extension ReconciledOrder {
    /// Whether what the broker answered last is older than what we were told, and does not agree with it either.
    var awaitsAnswer: Bool {
        guard !isReadFresh else { return false }
        return !(told.isEnded && read?.status.status == told.status && fillGap == nil)
    }
}

extension DiscrepancyKind {
    /// Whether only an answer can say that it is over: what we are told meanwhile says nothing of it.
    var needsAnswer: Bool {
        switch self {
        case .extraFill, .statusMismatch, .qtyMismatch, .priceMismatch: true
        default: false
        }
    }

    /// Whether it is about how much there is, and not about an order.
    var isOfHolding: Bool { self == .positionMismatch || self == .cashMismatch }

    /// Whether it rests on what the stream told: it may be on its way still.
    var restsOnStream: Bool {
        switch self {
        case .missingFill, .extraFill, .statusMismatch, .priceMismatch: true
        default: false
        }
    }
}
