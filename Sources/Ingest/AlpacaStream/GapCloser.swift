internal import Adapters
internal import Core
internal import Domain
internal import Wire

/// Asks the broker's lists for what was said while nobody listened, and writes it beside what comes by the stream.
///
/// What it asks for overlaps what is known: the order feed tells what is new. It goes on where it was after a failure,
/// and ends when everything is on its way to the log, or when its connection ends.
struct GapCloser: Sendable {
    private let context: StreamContext
    private let adapter: AlpacaAdapter
    private let buffer: StreamBuffer
    private let desk: StreamDesk
    private let connection: Int
    private let gapSince: Timestamp
    private var stage: Stage
    /// Orders that were open, and of which no list has told yet.
    private var missing: Set<String>
    private var known: Set<String> = []
    /// Orders of which a list has told: another list need not.
    private var told: Set<String> = []
    private var tally = GapTally()
    private var looks = 1
    private let isFirst: Bool
    /// The broker's clock, a little after its connection began to listen; `nil` when it has none.
    private(set) var brokerTime: Timestamp?
    private let ordersSince: Timestamp
    private(set) var counts = (orders: 0, executions: 0)

    private enum Stage: Sendable {
        /// What time it is there.
        case clock
        /// Orders that were submitted since.
        case orders(since: Timestamp)
        /// Orders that are open, however old.
        case open(since: Timestamp)
        case executions(after: String?)
        /// Executions once more, because some order is filled further than they tell.
        case late
        /// Those that were open and are in neither list: they ended meanwhile.
        case missing
        case done
    }

    /// Why a round did not come to its end.
    struct Trouble: Error {
        let taxonomy: FailureTaxonomy
        let isAuth: Bool
    }

    /// The gap begins at `since`; orders are asked for from `ordersSince` on, which may be earlier.
    ///
    /// The first of a process asks for every open order too: nobody has told it which there are.
    init(
        _ context: StreamContext, _ adapter: AlpacaAdapter, _ buffer: StreamBuffer, _ desk: StreamDesk,
        connection: Int, since: Timestamp, ordersSince: Timestamp, isFirst: Bool
    ) {
        self.context = context
        self.adapter = adapter
        self.buffer = buffer
        self.desk = desk
        self.connection = connection
        gapSince = since
        self.ordersSince = ordersSince
        self.isFirst = isFirst
        stage = .clock
        missing = desk.openOrders
    }

    /// Goes on until all is on its way; false when it was cancelled.
    mutating func close() async -> Bool {
        var backoff = Backoff(
            Backoff.Limits(
                first: context.limits.firstRestPause, longest: context.limits.longestRestPause, attempts: .max,
                total: .seconds(1 << 40)))
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do throws(Trouble) {
                guard try await step() else { return false }
                if case .done = stage { return true }
                backoff.reset()
            } catch {
                var pause = context.limits.longestRestPause
                do { pause = try backoff.next(using: &random) } catch { pause = context.limits.longestRestPause }
                if error.isAuth { pause = context.limits.refusedPause }
                guard !Task.isCancelled else { return false }
                context.observer.noted(.gapRetrying(error.taxonomy, pause: pause))
                hearOfTrouble(error)
                // Cancelled: the next connection asks anew.
                do { try await Task.sleep(for: pause) } catch { return false }
            }
        }
        return false
    }

    var hearOfTrouble: @Sendable (Trouble) -> Void = { _ in }

    private var call: CallTerms {
        let now = context.time.now()
        return CallTerms(
            correlationID: CorrelationID(trusted: "torghut-gap-\(now.nanoseconds)"),
            deadline: now.advanced(by: context.limits.restDeadline) ?? .latest)
    }

    /// One page or one order; false when nothing is taken any more.
    private mutating func step() async throws(Trouble) -> Bool {
        switch stage {
        case .clock:
            brokerTime = try await askTime()
            stage = .orders(since: ordersSince)
            return true
        case .orders(let since):
            let (goesOn, next) = try await page(.all, since: since)
            stage = next.map { .orders(since: $0) } ?? .open(since: .epoch)
            if next == nil { known = [] }
            return goesOn
        case .open(let since):
            // Without orders that nobody told of, there is nothing older to ask for.
            guard isFirst || !missing.isEmpty else {
                stage = .executions(after: nil)
                return true
            }
            let (goesOn, next) = try await page(.open, since: since)
            stage = next.map { .open(since: $0) } ?? .executions(after: nil)
            return goesOn
        case .executions(let token): return try await executions(after: token)
        case .late:
            // Cancelled: the next connection asks anew.
            do { try await Task.sleep(for: context.limits.firstRestPause) } catch { return false }
            looks += 1
            stage = .executions(after: nil)
            return true
        case .missing: return try await oneMissing()
        case .done: return true
        }
    }

    private mutating func page(
        _ status: ListedStatus, since: Timestamp
    ) async throws(Trouble) -> (goesOn: Bool, next: Timestamp?) {
        let page = try read(await adapter.orders(status, since: since, call))
        for what in page.unread { context.observer.noted(.gapUnread(what)) }
        let fresh = page.orders.filter { !known.contains($0.id) }
        // The next page repeats the end of this one, and nothing before it.
        known = Set(page.orders.map(\.id))
        for order in fresh {
            let wasMissing = missing.remove(order.id) != nil
            guard !told.contains(order.id), let update = StreamUpdate(listed: order.raw) else { continue }
            let isOlder = order.updatedAt.map { $0 < gapSince } ?? false
            // What ended before the gap began has nothing new to tell, unless we believed that it is open.
            if update.isOver, isOlder, !wasMissing { continue }
            if !isOlder { tally.order(order) }
            told.insert(order.id)
            guard await buffer.put(desk.item(update, .rest, of: connection)) else { return (false, nil) }
            counts.orders += 1
        }
        // More orders of one moment than fit on a page: the list cannot be read on, and must not seem whole.
        if fresh.isEmpty, page.isFull { throw Trouble(taxonomy: .contractViolation, isAuth: false) }
        // So it is when the broker's pages are smaller than ours: then something stands behind this moment.
        if fresh.isEmpty, let moment = page.onlyMoment {
            let behind = try read(await adapter.orders(status, since: moment, call))
            guard behind.orders.isEmpty, page.orders.count < context.limits.smallestCut else {
                throw Trouble(taxonomy: .contractViolation, isAuth: false)
            }
        }
        return (true, fresh.isEmpty ? nil : page.next)
    }

    private mutating func executions(after token: String?) async throws(Trouble) -> Bool {
        let page = try read(await adapter.activities(since: gapSince, after: token, call))
        for what in page.unread { context.observer.noted(.gapUnread(what)) }
        for fill in page.fills where tally.isNew(fill) {
            let execution = StreamUpdate.Execution(
                event: fill.type, id: fill.executionID, orderID: fill.orderID, time: fill.transactionTime,
                symbol: fill.symbol, side: fill.side, price: fill.price, qty: fill.qty,
                cumulativeQty: fill.cumulativeQty, orderStatus: fill.orderStatus)
            guard let update = StreamUpdate(execution) else { continue }
            guard await buffer.put(desk.item(update, .rest, of: connection)) else { return false }
            counts.executions += 1
        }
        if let next = page.next {
            stage = .executions(after: next)
        } else {
            // Not for ever: an execution that the broker hides is the reconciler's.
            stage = tally.isShort && looks < context.limits.executionLooks ? .late : .missing
        }
        return true
    }

    private func askTime() async throws(Trouble) -> Timestamp? {
        let answered = await adapter.clock(call)
        switch answered.verdict {
        case .read(let clock): return clock.timestamp
        case .absent, .inconclusive(.contractViolation), .inconclusive(.http4xx): return nil
        case .inconclusive(let taxonomy): throw Trouble(taxonomy: taxonomy, isAuth: answered.call.credentialsRefused)
        }
    }

    private mutating func oneMissing() async throws(Trouble) -> Bool {
        guard let id = missing.first else {
            stage = .done
            return true
        }
        let order: BrokerOrderID
        do { order = try BrokerOrderID(id) } catch {
            missing.remove(id)
            desk.forget(id)
            return true
        }
        let answered = await adapter.lookup(orderID: order, call)
        switch answered.verdict {
        case .found(let found):
            if let update = StreamUpdate(listed: found.raw) {
                guard await buffer.put(desk.item(update, .rest, of: connection)) else { return false }
                counts.orders += 1
            }
        case .absent: desk.forget(id)
        case .inconclusive(let taxonomy) where taxonomy == .contractViolation || Self.isFinal(answered.call):
            // Asked again, it would be answered alike, and the gap would stay open for its sake.
            context.observer.noted(.gapLeft(order: id, taxonomy))
            desk.forget(id)
        case .inconclusive(let taxonomy):
            throw Trouble(taxonomy: taxonomy, isAuth: answered.call.credentialsRefused)
        }
        missing.remove(id)
        return true
    }

    private static func isFinal(_ call: CallRecord) -> Bool { [400, 404, 422].contains(call.reply.httpStatus) }

    private func read<Page>(_ answered: Answered<ReadVerdict<Page>>) throws(Trouble) -> Page {
        switch answered.verdict {
        case .read(let page): return page
        case .absent: throw Trouble(taxonomy: .http4xx, isAuth: false)
        case .inconclusive(let taxonomy): throw Trouble(taxonomy: taxonomy, isAuth: answered.call.credentialsRefused)
        }
    }
}
