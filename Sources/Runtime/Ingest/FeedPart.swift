internal import Core
internal import Domain
internal import Folding
internal import Ingest

/// The order feed: each update is classified once and written as an event.
struct FeedPart: IngestPart {
    /// The group of processes of which one feeds; it shares a topic of one partition.
    private static let group = "torghut-ingest"

    let name = "order feed"
    private let house: House
    private let scope: FeedScope
    private let watch: FeedWatch

    init(_ house: House) throws(SettingsProblems) {
        self.house = house
        scope = try house.settings.feedScope()
        watch = FeedWatch(house, part: name)
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: IngestRole.name, part: name, group: Self.group, standingBy: "another process feeds")
        try await owner.work { try await feed() }
    }

    private func feed() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        try await OrderFeed(
            FeedContext(log: house.log, scope: scope, time: house.time, snapshots: snapshots, observer: watch)
        ).run()
    }
}

extension Settings {
    /// `TRADING_ACCOUNT_LABEL` is the account whose stream feeds the topics; `TRADING_ORDER_FEED_ACCOUNTS` lists those
    /// whose updates are ours, all of them when it is not set.
    func feedScope() throws(SettingsProblems) -> FeedScope {
        var problems: [String] = []
        let label = value(of: "TRADING_ACCOUNT_LABEL") ?? "paper"
        let names = (value(of: "TRADING_ORDER_FEED_ACCOUNTS") ?? "").split(separator: ",").map { name in
            let rest = name.trimmingPrefix(while: \.isWhitespace)
            return String(rest.reversed().trimmingPrefix(while: \.isWhitespace).reversed())
        }
        var accounts: [AccountLabel] = []
        for (setting, name) in [("TRADING_ACCOUNT_LABEL", label)]
            + names.map({ ("TRADING_ORDER_FEED_ACCOUNTS", String($0)) })
        {
            do { accounts.append(try AccountLabel(name)) } catch { problems.append("\(setting): '\(name)': \(error)") }
        }
        guard problems.isEmpty, let own = accounts.first else { throw SettingsProblems(problems: problems) }
        return FeedScope(account: own, accounts: Set(accounts.dropFirst()))
    }
}
