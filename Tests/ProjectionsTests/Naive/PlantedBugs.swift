import Core
import Domain
import NaiveReadModels
import TestSupport
import Testing

@testable import Projections

/// A way to fold orders wrongly: an event is misread before the fold, or the rows are spoilt behind it.
protocol FoldBug {
    /// `nil` when the event is forgotten.
    static func misread(_ event: Event) -> Event?
    static func spoil(_ order: inout ExecutionRow, after event: Event)
}

extension FoldBug {
    static func misread(_ event: Event) -> Event? { event }
    static func spoil(_ order: inout ExecutionRow, after event: Event) {}

    /// The same event with another broker update in it.
    static func update(_ event: Event, _ change: (inout BrokerUpdateRecorded) -> Void) -> Event {
        guard case .orderEvents(.brokerUpdateRecorded(var update)) = event.content else { return event }
        change(&update)
        return Event(event.envelope, .orderEvents(.brokerUpdateRecorded(update)))
    }
}

/// The fold of orders with a fault in it.
enum Faulty<Bug: FoldBug>: Projection {
    typealias Tables = Executions.Tables

    static var name: ProjectionName { Executions.name }
    static var fold: Int { Executions.fold }
    static var ownership: CatalogTopic { Executions.ownership }
    static var inputs: [CatalogTopic] { Executions.inputs }
    static var wants: Set<EventType> { Executions.wants }

    static func need(of event: Event, in tables: inout Tables) {
        if let event = Bug.misread(event) { Executions.need(of: event, in: &tables) }
    }

    static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard let event = Bug.misread(event) else { return }
        try Executions.fold(event, at: place, into: &tables)
        guard let scope = SymbolScope(event.envelope), let client = client(of: event) else { return }
        tables.orders.change(OrderName(client, scope)) { Bug.spoil(&$0, after: event) }
    }

    private static func client(of event: Event) -> ClientOrderID? {
        switch event.content {
        case .route(.attemptPrepared(let event)): event.key.clientOrderID
        case .route(.attemptAccepted(let event)): event.key.clientOrderID
        case .orderEvents(.brokerUpdateRecorded(let event)):
            event.classification == .foreign ? nil : event.clientOrderID
        default: nil
        }
    }
}

enum PlantedBugs {
    /// The last word that is read counts, not the highest.
    enum StatusFalls: FoldBug {
        static func spoil(_ order: inout ExecutionRow, after event: Event) {
            guard case .orderEvents(.brokerUpdateRecorded(let update)) = event.content,
                let status = OrderStatus(rawValue: update.status?.text ?? "")
            else { return }
            order.facts.standing = OrderStanding(status, at: update.brokerEventTime ?? event.envelope.eventTime)
            order.settle()
        }
    }

    enum BustForgotten: FoldBug {
        static func misread(_ event: Event) -> Event? {
            guard case .orderEvents(.brokerUpdateRecorded(let update)) = event.content else { return event }
            return update.eventType?.text == "trade_bust" ? nil : event
        }
    }

    enum AccountsMixed: FoldBug {
        static func misread(_ event: Event) -> Event? {
            var event = event
            event.envelope.account = AccountLabel(trusted: "paper")
            return event
        }
    }

    /// Prices cut to tenths instead of kept.
    enum PricesCut: FoldBug {
        static func misread(_ event: Event) -> Event? {
            update(event) { update in
                update.fillPrice = update.fillPrice.map { Amount(units: $0.units / 100_000_000 * 100_000_000) }
            }
        }
    }

    /// Later evidence writes over earlier.
    enum EvidenceRewritten: FoldBug {
        static func spoil(_ order: inout ExecutionRow, after event: Event) {
            guard case .route(.attemptPrepared(let prepared)) = event.content else { return }
            order.route.expected?.adapter = prepared.evidence.executionExpectedAdapter
            order.route.expected?.said.attempt = prepared.key.attempt
        }
    }

    enum LateLinkForgotten: FoldBug {
        static func misread(_ event: Event) -> Event? {
            guard case .orderEvents(.brokerUpdateRecorded(let update)) = event.content else { return event }
            return update.clientOrderID == nil ? nil : event
        }
    }

    /// Each report of an execution counts.
    enum RepeatsCounted: FoldBug {
        static func misread(_ event: Event) -> Event? {
            let id = event.envelope.eventID
            return update(event) { update in
                update.executionID = update.executionID.map { ExecutionID(trusted: "\($0)-\(id)") }
            }
        }
    }

    enum CorrectionTakenForFill: FoldBug {
        static func misread(_ event: Event) -> Event? {
            update(event) { update in
                if update.eventType?.text == "trade_correct" { update.eventType = BrokerWord(trusted: "fill") }
            }
        }
    }

    /// Our clock instead of the broker's.
    enum WrongClock: FoldBug {
        static func misread(_ event: Event) -> Event? { update(event) { $0.brokerEventTime = nil } }
    }

    enum ForeignTaken: FoldBug {
        static func misread(_ event: Event) -> Event? {
            update(event) { if $0.classification == .foreign { $0.classification = .applied } }
        }
    }

    enum UnknownForgotten: FoldBug {
        static func misread(_ event: Event) -> Event? {
            if case .route(.attemptUnknown) = event.content { nil } else { event }
        }
    }

    enum TypeDropped: FoldBug {
        static func misread(_ event: Event) -> Event? {
            if case .route(.cancelConfirmed) = event.content { nil } else { event }
        }
    }

    static let all: [(name: String, projection: any Projection.Type)] = [
        ("a status falls", Faulty<StatusFalls>.self), ("a bust is forgotten", Faulty<BustForgotten>.self),
        ("accounts are mixed", Faulty<AccountsMixed>.self), ("prices are cut", Faulty<PricesCut>.self),
        ("evidence is rewritten", Faulty<EvidenceRewritten>.self),
        ("what comes before its order is lost", Faulty<LateLinkForgotten>.self),
        ("a repeated execution counts twice", Faulty<RepeatsCounted>.self),
        ("a correction is taken for a fill", Faulty<CorrectionTakenForFill>.self),
        ("our clock is taken for the broker's", Faulty<WrongClock>.self),
        ("foreign orders are taken", Faulty<ForeignTaken>.self),
        ("an unknown outcome is forgotten", Faulty<UnknownForgotten>.self),
        ("a type of event is dropped", Faulty<TypeDropped>.self),
    ]
}

@Suite struct `The naive read models find` {
    /// One tale for all, in which every rule matters.
    private static let tale = Tale.story(seed: 11, orders: 150)
    private static let naive = tale.naive

    @Test(arguments: PlantedBugs.all.indices) func `a planted fault in the fold of orders`(number: Int) throws {
        let bug = PlantedBugs.all[number]
        var random = SplitMix64(seed: 3)
        var fold = MemoryFold([bug.projection])
        try fold.fold(Self.tale.shuffled(by: &random))
        let differences = Self.naive.differences(in: fold.tables, of: [Executions.name.text])
        #expect(!differences.isEmpty, "\(bug.name)")
    }

    @Test func `nothing where nothing is wrong`() throws {
        var random = SplitMix64(seed: 3)
        var fold = MemoryFold([Executions.self])
        try fold.fold(Self.tale.shuffled(by: &random))
        #expect(Self.naive.differences(in: fold.tables, of: [Executions.name.text]) == [])
    }
}
