public import Domain

/// What a role touches in the log, and nothing else: what its user on Kafka has to be allowed.
///
/// `deploy/k8s/kafka` is held against this by test, and a running role that goes beyond it says so (`AccessLog`).
public struct RoleAccess: Sendable, Equatable {
    public let reads: [CatalogTopic]
    public let writes: [CatalogTopic]
    /// Beginnings of the groups that it joins, or whose positions it keeps.
    public let groups: [String]
    /// Beginnings of the names under which it writes; on Kafka a writer's name is its transactional id.
    public let writers: [String]

    /// What every process does, whatever its roles: it beats, and tells the log of a stop that nobody else told.
    public static let everybody = RoleAccess(
        reads: [TopicCatalog.control], writes: [TopicCatalog.heartbeats, TopicCatalog.control], groups: [],
        writers: ["torghut.heart.", "torghut.latch."])

    /// `nil` of a role that no process is asked to run.
    public init?(of role: RoleName) {
        guard let own = Self.own[role] else { return nil }
        func whole<Part: Equatable>(_ common: [Part], _ own: [Part]) -> [Part] {
            common.filter { !own.contains($0) } + own
        }
        self.init(
            reads: whole(Self.everybody.reads, own.reads), writes: whole(Self.everybody.writes, own.writes),
            groups: whole(Self.everybody.groups, own.groups), writers: whole(Self.everybody.writers, own.writers))
    }

    private init(reads: [CatalogTopic], writes: [CatalogTopic], groups: [String], writers: [String]) {
        self.reads = reads
        self.writes = writes
        self.groups = groups
        self.writers = writers
    }

    private typealias Topics = TopicCatalog

    private static let own: [RoleName: RoleAccess] = [
        .ingest: RoleAccess(
            reads: [
                Topics.tradeUpdates, Topics.tradeUpdatesV2, Topics.route, Topics.orderEvents, Topics.account,
                Topics.control,
            ],
            writes: [
                Topics.tradeUpdates, Topics.tradeUpdatesV2, Topics.quotes, Topics.orderEvents, Topics.account,
                Topics.quarantine, Topics.control,
            ],
            groups: [
                "torghut-ingest", "torghut-order-feed-", "torghut-quotes", "torghut-reconcile",
                "torghut.order-feed", "torghut.stream.",
            ],
            writers: ["torghut.order-feed", "torghut.quotes", "torghut.reconciler", "torghut.stream."]),
        .projections: RoleAccess(
            reads: [
                Topics.decisions, Topics.orderIntents, Topics.route, Topics.orderEvents, Topics.leanShadow,
                Topics.strategyShadow, Topics.backtests, Topics.canary, Topics.control, Topics.quarantine,
            ],
            writes: [Topics.quarantine], groups: ["torghut-projections"], writers: ["torghut.projections."]),
        .commands: RoleAccess(
            reads: [
                Topics.decisions, Topics.control, Topics.account, Topics.canary, Topics.orderIntents, Topics.route,
                Topics.orderEvents,
            ],
            writes: [Topics.orderIntents, Topics.quarantine, Topics.control],
            groups: ["torghut-commands", "torghut.commands"],
            writers: ["torghut.commands"]),
        .router: RoleAccess(
            reads: [Topics.control, Topics.orderIntents, Topics.route, Topics.orderEvents],
            writes: [Topics.route, Topics.quarantine, Topics.control], groups: ["torghut-router", "torghut.router."],
            writers: ["torghut.router."]),
        .gates: RoleAccess(
            reads: [
                Topics.control, Topics.canary, Topics.route, Topics.orderEvents, Topics.orderIntents, Topics.leanShadow,
            ],
            writes: [Topics.control, Topics.canary], groups: ["torghut-gates"], writers: ["torghut.gates"]),
        .lanes: RoleAccess(
            reads: [
                Topics.orderIntents, Topics.route, Topics.orderEvents, Topics.leanShadow, Topics.strategyShadow,
                Topics.backtests, Topics.control, Topics.quotes,
            ],
            writes: [Topics.leanShadow, Topics.strategyShadow, Topics.backtests], groups: ["torghut-lanes-"],
            writers: ["torghut.lanes."]),
        .api: RoleAccess(
            reads: TopicCatalog.all,
            writes: [
                Topics.decisions, Topics.control, Topics.orderEvents, Topics.backtests, Topics.canary,
                Topics.heartbeats, Topics.account,
            ],
            // Operators' commands are run where it runs: they also say where the feed goes on, and reconcile now.
            groups: ["torghut.order-feed", "torghut-order-feed-"],
            writers: ["torghut.api.", "torghut.operator.", "torghut.quarantine", "torghut.missed."]),
    ]
}
