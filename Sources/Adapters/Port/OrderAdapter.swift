public import Core
public import Domain

/// One way to a broker.
///
/// Every call ends by its deadline, tries a submit or replace once (again only after a 429, which by contract was not
/// looked at), judges the answer by the adapter's contract, and carries the evidence. None of them throws: what went
/// wrong is a verdict.
public protocol OrderAdapter: Sendable {
    var adapter: Adapter { get }

    func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict>

    /// New terms for a working order, which becomes another order with another client order id.
    func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict>

    /// Asks for the promise that this client order id was not submitted and never will be.
    func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict>

    func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict>

    func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict>

    /// All open orders of the account; whether all were read is part of the answer.
    func openOrders(_ call: CallTerms) async -> Answered<ListVerdict>

    /// Asks for the end of an order; that it has ended is told by a look-up or the update stream.
    func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict>

    func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict>

    func health(_ call: CallTerms) async -> Answered<HealthVerdict>
}
