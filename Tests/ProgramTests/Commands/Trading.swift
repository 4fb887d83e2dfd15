import Core
import Domain
import Foundation
import Testing
import Wire

/// The program where decisions are submitted and answered.
struct Trading {
    var program: Program

    init() throws {
        program = try Program(Ground())
        program.environment = [
            "TRADING_ENABLED": "true", "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret",
            "TRADING_ACCOUNT_FACTS_MAX_AGE_SECONDS": "3600",
        ]
    }

    func start(_ arguments: String...) throws -> Projector {
        try Projector(program, ["run", "--roles", "commands"] + arguments)
    }

    /// Of each call: a whole run takes longer than a decision may be old.
    static var now: Timestamp { Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970) * 1_000_000_000) }

    static func event(_ content: DomainEvent, _ symbol: String? = nil) -> Event {
        Event(
            Envelope(
                eventID: EventID(hashed: UInt64.random(in: 0 ... .max), 1), eventTime: now, ingestTime: now,
                account: AccountLabel(trusted: "paper"), symbol: symbol.map { Symbol(trusted: $0) },
                source: SourceName(trusted: "test"), correlation: StoryID(hashed: 1, 1)), content)
    }

    func append(_ event: Event) async throws {
        var encoder = EventEncoder()
        let record = encoder.record(event)
        let line =
            "{\"key\":\"\(String(decoding: record.key ?? [], as: UTF8.self))\",\"value\":"
            + String(decoding: record.value ?? [], as: UTF8.self) + "}"
        let appended = try await program.run(["log", "append", "--topic", record.topic], input: Array(line.utf8))
        try #require(appended.status == 0, "\(appended.err)")
    }

    /// Released, with facts; the strategy is enabled by its command.
    func open() async throws {
        let order = ControlOrder(
            scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("a test"))
        try await append(Self.event(.control(.killSwitchReleased(KillSwitchReleased(order: order)))))
        let money = Amount(1_000_000)
        try await append(
            Self.event(
                .account(
                    .accountSnapshotObserved(
                        AccountSnapshotObserved(
                            asOf: Self.now, tradingMode: .paper, currency: Label(trusted: "USD"), equity: money,
                            cash: money, buyingPower: money, tradingBlocked: false, accountBlocked: false,
                            status: BrokerWord(trusted: "ACTIVE"), positions: [], complete: true)))))
    }

    func enable(_ strategy: String = "momentum", _ more: String...) async throws -> Program.Output {
        try await program.run(
            ["strategies", "enable", strategy, "--reason", "tested", "--actor", "ann", "--json"] + more)
    }

    static func line(_ number: Int, symbol: String = "AAPL", extra: String = "") -> String {
        let at = now.advanced(by: .milliseconds(Int64(number) - 2_000)) ?? now
        return """
            {"account_label":"paper","symbol":"\(symbol)","event_ts":"\(at)","strategy_id":"momentum","timeframe":"1Min",\
            "action":"buy","qty":"1","order_type":"limit","time_in_force":"day","limit_price":"190.25"\(extra)}
            """
    }

    /// The answers on the log, as their types.
    func answers() async throws -> [String] {
        let read = try await program.run("log", "read", "--topic", TopicCatalog.orderIntents.name)
        return try read.lines.map { line in
            let value = try #require(try fields(line)["value"] as? String)
            return try #require(try fields(value)["event_type"] as? String)
        }
    }
}
