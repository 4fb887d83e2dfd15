internal import Core
internal import Domain

/// Refuses reports that are too large, and what would tie too much to one order, execution or decision.
struct ExecutionJudge: Judge {
    private static let mostOrders = 16
    private static let mostExecutions = 4096

    /// One thing that an event ties to another.
    private enum Tie {
        case order(BrokerOrderID, ClientOrderID)
        /// An execution that was reported for a broker's id alone.
        case unclaimed(BrokerOrderID, ExecutionID)
        case owner(ExecutionID, ClientOrderID)
        case decision(String, ClientOrderID)
    }

    /// What the folded events of one account and symbol tied together.
    private final class Ties {
        var orders: [BrokerOrderID: Set<ClientOrderID>] = [:]
        var unclaimed: [BrokerOrderID: Set<ExecutionID>] = [:]
        var owners: [ExecutionID: Set<ClientOrderID>] = [:]
        var ofDecision: [String: Set<ClientOrderID>] = [:]

        /// `nil` when it was tied before, else how many there are now.
        func insert(_ tie: Tie) -> Int? {
            switch tie {
            case .order(let broker, let client):
                orders[broker, default: []].insert(client).inserted ? orders[broker]?.count : nil
            case .unclaimed(let broker, let execution):
                unclaimed[broker, default: []].insert(execution).inserted ? unclaimed[broker]?.count : nil
            case .owner(let execution, let client):
                owners[execution, default: []].insert(client).inserted ? owners[execution]?.count : nil
            case .decision(let hash, let client):
                ofDecision[hash, default: []].insert(client).inserted ? ofDecision[hash]?.count : nil
            }
        }

        func remove(_ tie: Tie) {
            switch tie {
            case .order(let broker, let client): orders[broker]?.remove(client)
            case .unclaimed(let broker, let execution): unclaimed[broker]?.remove(execution)
            case .owner(let execution, let client): owners[execution]?.remove(client)
            case .decision(let hash, let client): ofDecision[hash]?.remove(client)
            }
        }

        func ties(of saying: OrderSaying) -> [Tie] {
            switch saying.about {
            case .client(let client):
                var ties: [Tie] = []
                if let (_, hash) = saying.decision { ties.append(.decision(hash, client)) }
                if let report = saying.report { ties.append(.owner(report.execution, client)) }
                guard let (broker, _) = saying.link else { return ties }
                return ties + [.order(broker, client)] + (unclaimed[broker] ?? []).map { .owner($0, client) }
            case .broker(let broker):
                guard let report = saying.report else { return [] }
                return [.unclaimed(broker, report.execution)]
                    + (orders[broker] ?? []).map { .owner(report.execution, $0) }
            }
        }
    }

    private var ties: [[UInt8]: Ties] = [:]

    init() {}

    mutating func refuses(_ told: Told) -> Bool {
        let sayings = OrderSaying.sayings(of: told)
        guard !sayings.contains(where: { $0.report?.isTooLarge == true }) else { return true }
        let place = key(told.account.text, told.symbol.text)
        let tied = ties[place] ?? Ties()
        ties[place] = tied
        var made: [Tie] = []
        for saying in sayings {
            for tie in tied.ties(of: saying) {
                guard let count = tied.insert(tie) else { continue }
                made.append(tie)
                var most = Self.mostOrders
                if case .unclaimed = tie { most = Self.mostExecutions }
                guard count > most else { continue }
                for tie in made { tied.remove(tie) }
                return true
            }
        }
        return false
    }
}
