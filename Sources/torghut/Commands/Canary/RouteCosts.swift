import Commands
import Core
import Domain
import Folding

/// What the log says of both routes, for the report and for the rollout.
struct RouteCosts {
    let comparison: RouteComparison
    let divergences: [ParityState.Divergence]
    let unread: [String]

    var pairs: [RouteComparison.Pair] { comparison.pairs() }

    static func read(
        _ log: any EventLog, since moment: Timestamp, _ mode: TradingMode, within terms: CanaryTerms? = nil
    ) async throws -> RouteCosts {
        var comparison = RouteComparison(since: moment, mode, within: terms)
        var parity = ParityState()
        let sources = LogScan.partitions([
            TopicCatalog.route, TopicCatalog.orderIntents, TopicCatalog.orderEvents, TopicCatalog.leanShadow,
            TopicCatalog.canary,
        ])
        let types = RouteComparison.types.union(CanaryHistory.types)
        let unread = try await LogScan.read(log, sources, wanting: types) { event, _ in
            comparison.fold(event)
            switch event.content {
            case .route(let route): parity.fold(route, event.envelope)
            case .canary(let said): parity.fold(said, event.envelope)
            default: break
            }
        }
        return RouteCosts(
            comparison: comparison, divergences: parity.openDivergences, unread: unread.map(\.description))
    }
}
