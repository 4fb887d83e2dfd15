public import Core
public import Domain
internal import HTTPClient
internal import JSON

/// An order of a list, as it came: what it says beyond its name is for whoever reads it.
public struct ListedOrder: Sendable, Equatable {
    public var id: String
    public var submittedAt: Timestamp?
    /// When anything of it changed last.
    public var updatedAt: Timestamp?
    /// Filled so far; `nil` when it does not say so.
    public var filledQty: Amount?
    public var raw: CompactJSON
}

/// One page of orders, oldest first.
public struct OrderPage: Sendable, Equatable {
    public var orders: [ListedOrder]
    /// Where the next page begins: a little before this one ends, because orders of one moment may stand on both sides
    /// of the cut; `nil` when this page was empty.
    public var next: Timestamp?
    /// Whether the broker gave as many as were asked for.
    public var isFull: Bool
    /// The moment when all of several orders were submitted: more of it may stand behind the cut, wherever it was made.
    public var onlyMoment: Timestamp?
    /// What could not be read, in words.
    public var unread: [String] = []
}

/// An execution out of the account's activities; numbers as they are written.
public struct FillActivity: Sendable, Equatable {
    /// What stands behind `::` in the activity's id, as on the update stream.
    public var executionID: String
    public var orderID: String
    /// `fill` or `partial_fill`.
    public var type: String
    public var transactionTime: String
    public var symbol: String
    public var side: String?
    public var price: String?
    public var qty: String?
    public var cumulativeQty: String?
    public var orderStatus: String?
    /// `cumulativeQty` as a number; `nil` when it is none.
    public var cumulativeAmount: Amount?
}

/// One page of executions, oldest first.
public struct FillPage: Sendable, Equatable {
    public var fills: [FillActivity]
    /// Names the last activity of this page: the next one begins behind it; `nil` when this page was empty.
    public var next: String?
    /// What could not be read, in words.
    public var unread: [String] = []
}

/// Which orders a list is about.
public enum ListedStatus: String, Sendable {
    case all
    case open
    case closed
}

/// What happened since some moment, page by page; whoever asks goes on until a page brings nothing new.
///
/// The broker may give smaller pages than it was asked for: only an empty one, or one that brings nothing new, is the
/// last. One order or activity that cannot be read is named, and does not spoil its page: others stand behind it.
extension AlpacaAdapter {
    /// Most activities of one page that Alpaca gives.
    static let activitiesPerPage = 100

    /// Orders that were submitted after this moment.
    public func orders(
        _ status: ListedStatus = .all, since: Timestamp, _ call: CallTerms
    ) async -> Answered<ReadVerdict<OrderPage>> {
        let path =
            "/v2/orders?status=\(status.rawValue)&direction=asc&limit=\(limits.pageSize)&after="
            + Escaping.part(since.description)
        return await page(path, call) { value throws(ContractBreach) in
            guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
            var page = OrderPage(orders: [], next: nil, isFull: false)
            var count = 0
            while let element = elements.next() {
                count += 1
                if let order = Self.listed(element) {
                    page.orders.append(order)
                } else {
                    page.unread.append("an order without an id")
                }
            }
            let times = page.orders.compactMap(\.submittedAt)
            // Without any time the list cannot be read on, and must not seem to end here.
            guard let first = times.first, let last = times.last else {
                guard count == 0 else { throw ContractBreach("missing_keys:submitted_at") }
                return page
            }
            page.next = Timestamp(nanoseconds: last.nanoseconds - 1)
            page.isFull = count >= limits.pageSize
            if count > 1, first == last { page.onlyMoment = last }
            return page
        }
    }

    /// Executions after this moment, or behind the activity that ended the page before.
    public func activities(
        since: Timestamp, after token: String? = nil, _ call: CallTerms
    ) async -> Answered<ReadVerdict<FillPage>> {
        // Whole seconds are the form that Alpaca documents here.
        let second = Timestamp(nanoseconds: since.nanoseconds / 1_000_000_000 * 1_000_000_000)
        let size = min(limits.pageSize, Self.activitiesPerPage)
        var path =
            "/v2/account/activities/FILL?direction=asc&page_size=\(size)&after=" + Escaping.part(second.description)
        if let token { path += "&page_token=" + Escaping.part(token) }
        return await page(path, call) { value throws(ContractBreach) in
            guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
            var page = FillPage(fills: [], next: nil)
            while let element = elements.next() {
                guard let id = element.field("id")?.string, !id.isEmpty else {
                    page.unread.append("an activity without an id")
                    continue
                }
                page.next = id
                // Another kind of activity is no execution of an order.
                guard (element.field("activity_type")?.string ?? "FILL") == "FILL" else { continue }
                if let fill = Self.fill(element, id) {
                    page.fills.append(fill)
                } else {
                    page.unread.append("activity \(id)")
                }
            }
            // None that names itself: the list cannot be read on.
            guard page.next != nil || page.unread.isEmpty else { throw ContractBreach("missing_keys:id") }
            return page
        }
    }

    /// Numbers come as text or as numbers.
    private static func text(_ field: JSONValue?) -> String? {
        guard let field, !field.isNull else { return nil }
        return field.string ?? field.sourceText
    }

    private static func listed(_ value: JSONValue) -> ListedOrder? {
        guard let id = value.field("id")?.string, !id.isEmpty else { return nil }
        return ListedOrder(
            id: id, submittedAt: time(value.field("submitted_at")), updatedAt: time(value.field("updated_at")),
            filledQty: text(value.field("filled_qty")).flatMap(LooseAmount.read), raw: ReplyDocument.compact(value))
    }

    private static func time(_ value: JSONValue?) -> Timestamp? {
        guard let text = value?.string else { return nil }
        // A time that cannot be read is none: of one order it is no reason to hear of no other.
        do { return try Timestamp(text) } catch { return nil }
    }

    private static func fill(_ value: JSONValue, _ id: String) -> FillActivity? {
        guard let order = value.field("order_id")?.string, let symbol = value.field("symbol")?.string,
            let time = value.field("transaction_time")?.string
        else { return nil }
        return FillActivity(
            executionID: executionID(of: id), orderID: order, type: value.field("type")?.string ?? "fill",
            transactionTime: time, symbol: symbol, side: value.field("side")?.string, price: text(value.field("price")),
            qty: text(value.field("qty")), cumulativeQty: text(value.field("cum_qty")),
            orderStatus: value.field("order_status")?.string,
            cumulativeAmount: text(value.field("cum_qty")).flatMap(LooseAmount.read))
    }

    private static func executionID(of activity: String) -> String {
        guard let mark = activity.firstRange(of: "::") else { return activity }
        return String(activity[mark.upperBound...])
    }

    private func page<Page: Sendable & Equatable>(
        _ path: String, _ call: CallTerms, _ body: (JSONValue) throws(ContractBreach) -> Page
    ) async -> Answered<ReadVerdict<Page>> {
        await ask(request(.get, path), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            guard response.status == 200 else { return .inconclusive(AlpacaReplies.taxonomy(response, &record)) }
            do throws(ContractBreach) {
                guard let page = try ReplyDocument.read(response.body, body) else {
                    return .inconclusive(.invalidJSON)
                }
                return .read(page)
            } catch {
                record.note(code: "alpaca_page_" + error.what)
                return .inconclusive(.contractViolation)
            }
        }
    }
}
