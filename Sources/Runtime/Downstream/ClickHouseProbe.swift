internal import Core
internal import Domain
internal import HTTPClient

/// Whether ClickHouse has what the log has, topic by topic: every event that was said longer ago than it may be late.
///
/// The views of deploy/clickhouse show each event once, so they are held against the events of the log and not against
/// its records. Asked with GET, which ClickHouse answers without changing anything.
struct ClickHouseProbe: Sendable {
    /// What it says of one topic.
    private struct Answer {
        let settled: Int64
        /// Of what the log has, settled or not.
        let newest: Timestamp?
        /// Settled, at offsets that the log does not have yet.
        var beyond: Int64
    }

    /// What others wrote, and is kept as it came.
    private static let raw: Set<CatalogTopic> = [
        TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2, TopicCatalog.quotes,
    ]

    /// Names and numbers are parameters of the statement, never part of its text.
    private static let statement = """
        SELECT
            countIf(is_settled AND NOT is_beyond),
            toUnixTimestamp64Milli(maxIf(log_timestamp, NOT is_beyond)),
            countIf(is_settled AND is_beyond)
        FROM (
            SELECT log_timestamp, log_timestamp <= fromUnixTimestamp64Milli({cut:Int64}) AS is_settled,
                log_offset >= {ends:Array(UInt64)}[log_partition + 1] AS is_beyond
            FROM (
                SELECT log_timestamp, log_partition, log_offset FROM {database:Identifier}.{table:Identifier}
                WHERE log_offset >= arrayMin({begins:Array(UInt64)})
                UNION ALL
                SELECT log_timestamp, log_partition, log_offset FROM {database:Identifier}.unread
                WHERE topic = {topic:String} AND log_offset >= arrayMin({begins:Array(UInt64)})
            )
            WHERE log_offset >= {begins:Array(UInt64)}[log_partition + 1]
        )
        FORMAT TabSeparated
        """

    private let settings: ClickHouseSettings
    private let maximumLag: Duration
    private let questions: DownstreamQuestions
    /// The last so many offsets of each partition are compared.
    private let span: Int64

    init(_ settings: ClickHouseSettings, _ downstream: DownstreamSettings, last span: Int64) {
        self.settings = settings
        maximumLag = downstream.maximumLag
        questions = DownstreamQuestions(downstream, trust: settings.trust)
        self.span = span
    }

    func look(_ log: any EventLog, _ topics: [CatalogTopic], at now: Timestamp) async throws -> [DownstreamLine] {
        var lines: [DownstreamLine] = []
        let cut = now.advanced(by: .zero - maximumLag) ?? .earliest
        for topic in topics {
            let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
            let tally = try await LogTally.events(
                of: sources, in: log, last: span, upTo: cut, eachRecord: Self.raw.contains(topic))
            lines.append(try await line(of: topic, tally, cut, log))
        }
        return lines
    }

    private func line(
        of topic: CatalogTopic, _ tally: LogTally, _ cut: Timestamp, _ log: any EventLog
    ) async throws -> DownstreamLine {
        let table = Self.table(of: topic.name)
        let name = "\(settings.database).\(table)"
        var answer: Answer
        do throws(DownstreamQuestions.Unanswered) { answer = try await ask(topic, table, tally, cut) } catch {
            return .no(
                .clickhouse, name, error.why, next: "see docs/clickhouse.md: is the server up, and its tables made?")
        }
        if answer.beyond > 0 {
            // What was imported meanwhile has times of long ago: it lies before the end as it is by now.
            let bounds = try await log.bounds(of: Array(tally.held.keys))
            if let again = try? await ask(topic, table, tally.ending(at: bounds), cut) { answer.beyond = again.beyond }
        }
        guard answer.beyond == 0 else {
            return .no(
                .clickhouse, name, "\(answer.beyond) rows beyond the log's end",
                next: "is this the log that it was filled from? A topic that was made anew begins at 0 again")
        }
        let late = Self.lateness(tally.lastValueAt, tally.settled.lastAt, answer.newest)
        // Kafka drops of a compacted topic what ClickHouse keeps: only the newest can be compared.
        guard topic.spec.cleanup == .delete else { return judge(name, late, "\(answer.settled) rows") }
        let (most, missing) = (tally.settled.distinct, tally.settled.distinct - answer.settled)
        let says = "\(answer.settled) of \(most) events"
        if missing > tally.settled.repeatedLater {
            return .no(
                .clickhouse, name, "\(says): \(missing) are missing",
                next: "is its reader alive? SELECT * FROM system.kafka_consumers; docs/clickhouse.md fills from the log"
            )
        }
        if missing < 0 {
            return .no(
                .clickhouse, name, "\(says): \(-missing) more than the log has",
                next: "rows of another log: is this its database?")
        }
        return judge(name, late, says)
    }

    private func judge(_ name: String, _ late: (isLate: Bool, says: String), _ says: String) -> DownstreamLine {
        guard late.isLate else { return .ok(.clickhouse, name, "\(says), \(late.says)") }
        return .no(
            .clickhouse, name, "\(says), \(late.says)",
            next: "is its reader alive? SELECT * FROM system.kafka_consumers")
    }

    /// Late is what has been on the log for longer than it may be late, however much came after it.
    private static func lateness(
        _ last: Timestamp?, _ settled: Timestamp?, _ newest: Timestamp?
    ) -> (isLate: Bool, says: String) {
        guard let last else { return (false, "nothing to come") }
        guard let newest else { return (settled != nil, "nothing came") }
        let behind = max(.zero, last.since(newest))
        return (
            settled.map { newest < $0 } ?? false,
            behind == .zero ? "up to the last one" : "\(behind.wholeSeconds) s behind"
        )
    }

    private func ask(
        _ topic: CatalogTopic, _ table: String, _ tally: LogTally, _ cut: Timestamp
    ) async throws(DownstreamQuestions.Unanswered) -> Answer {
        let parameters = [
            ("query", Self.statement), ("max_execution_time", "\(max(1, settings.timeout.components.seconds))"),
            ("param_cut", "\(cut.milliseconds)"), ("param_database", settings.database), ("param_table", table),
            ("param_topic", topic.name),
            ("param_begins", Self.array(tally.bounds.map(\.begin))),
            ("param_ends", Self.array(tally.bounds.map(\.end))),
        ]
        let query = parameters.map { "\($0)=\(Escaping.part($1))" }.joined(separator: "&")
        var headers = [(name: "X-ClickHouse-User", value: settings.user)]
        if let password = settings.password { headers.append(("X-ClickHouse-Key", password.reveal())) }
        let body = try await questions.body(HTTPRequest(.get, "\(settings.address.url)?\(query)", headers: headers))
        let fields = String(decoding: body, as: UTF8.self).split { $0 == "\t" || $0 == "\n" }
        guard fields.count == 3, let settled = Int64(fields[0]), let newest = Int64(fields[1]),
            let beyond = Int64(fields[2])
        else {
            throw .init(why: "its answer cannot be read: \(DownstreamQuestions.quoted(body))")
        }
        return Answer(
            settled: settled, newest: newest > 0 ? Timestamp(milliseconds: newest) : nil, beyond: beyond)
    }

    private static func array(_ numbers: [Int64]) -> String {
        "[" + numbers.map { "\($0)" }.joined(separator: ",") + "]"
    }

    /// `torghut.order-events.v1` is `order_events`; the version stays where the catalog has two.
    static func table(of topic: String) -> String {
        let short = topic.hasPrefix("torghut.") ? String(topic.dropFirst("torghut.".count)) : topic
        let stem = stem(of: short)
        let versions = TopicCatalog.all.count { Self.stem(of: $0.name) == Self.stem(of: topic) }
        return (versions > 1 ? short : stem).replacing(".", with: "_").replacing("-", with: "_")
    }

    private static func stem(of topic: String) -> String {
        topic.lastIndex(of: ".").map { String(topic[..<$0]) } ?? topic
    }
}
