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
}

/// One page of executions, oldest first.
public struct FillPage: Sendable, Equatable {
    public var fills: [FillActivity]
    /// Names the last activity of this page: the next one begins behind it; `nil` when this page was empty.
    public var next: String?
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
/// last.
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
            var orders: [ListedOrder] = []
            while let element = elements.next() { orders.append(try Self.listed(element)) }
            let last = orders.last { $0.submittedAt != nil }?.submittedAt
            return OrderPage(
                orders: orders, next: last.map { Timestamp(nanoseconds: $0.nanoseconds - 1) },
                isFull: orders.count >= limits.pageSize)
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
                guard let id = element.field("id")?.string else { throw ContractBreach("missing_keys:id") }
                page.next = id
                // Another kind of activity is no execution of an order.
                guard (element.field("activity_type")?.string ?? "FILL") == "FILL" else { continue }
                page.fills.append(try Self.fill(element, id))
            }
            return page
        }
    }

    private static func listed(_ value: JSONValue) throws(ContractBreach) -> ListedOrder {
        guard let id = value.field("id")?.string, !id.isEmpty else { throw ContractBreach("missing_keys:id") }
        return ListedOrder(
            id: id, submittedAt: try time(value.field("submitted_at"), "submitted_at"),
            updatedAt: try time(value.field("updated_at"), "updated_at"), raw: ReplyDocument.compact(value))
    }

    private static func time(_ value: JSONValue?, _ name: StaticString) throws(ContractBreach) -> Timestamp? {
        guard let text = value?.string else { return nil }
        do { return try Timestamp(text) } catch { throw ContractBreach("\(name)_invalid") }
    }

    private static func fill(_ value: JSONValue, _ id: String) throws(ContractBreach) -> FillActivity {
        // Numbers come as text or as numbers.
        func text(_ field: JSONValue?) -> String? {
            guard let field, !field.isNull else { return nil }
            return field.string ?? field.sourceText
        }
        guard let order = value.field("order_id")?.string, let symbol = value.field("symbol")?.string,
            let time = value.field("transaction_time")?.string
        else { throw ContractBreach("missing_keys:order_id,symbol,transaction_time") }
        return FillActivity(
            executionID: executionID(of: id), orderID: order, type: value.field("type")?.string ?? "fill",
            transactionTime: time, symbol: symbol, side: value.field("side")?.string, price: text(value.field("price")),
            qty: text(value.field("qty")), cumulativeQty: text(value.field("cum_qty")),
            orderStatus: value.field("order_status")?.string)
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
