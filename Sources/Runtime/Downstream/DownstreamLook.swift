public import Core
internal import Domain

/// The checklist of what lies behind the log, asked once: topics, whoever schedules, Flink, ClickHouse.
public struct DownstreamLook: Sendable {
    public let lines: [DownstreamLine]

    public var failing: [DownstreamLine] { lines.filter { $0.verdict == .no } }
    public var notAsked: [DownstreamLine] { lines.filter { $0.verdict == .notAsked } }

    /// What somebody asks for beside the settings.
    public struct Terms: Sendable {
        /// Topics of which a record must have come within a time.
        public let fresh: [String: Duration]
        /// Of each partition so many offsets are counted and compared, from its end.
        public let span: Int64

        public init(fresh: [String: Duration], span: Int64) {
            self.fresh = fresh
            self.span = span
        }
    }

    /// Throws when the log cannot be read: then nothing can be compared with anything.
    public static func read(
        _ log: any EventLog, _ settings: DownstreamSettings, _ terms: Terms, time: any TimeSource
    ) async throws -> DownstreamLook {
        let questions = DownstreamQuestions(settings)
        async let flink = flink(settings, questions, time)
        async let scheduler = scheduler(settings, questions)
        var (lines, present) = try await TopicProbe.look(log, fresh: terms.fresh, at: time.now())
        let hasHeartbeats = present.contains { $0.name == TopicCatalog.heartbeats.name }
        if hasHeartbeats { lines += try await SchedulerProbe.roles(log, at: time.now()) }
        lines += await scheduler
        lines += await flink
        if let clickhouse = settings.clickhouse {
            let probe = ClickHouseProbe(clickhouse, settings, last: terms.span)
            lines += try await probe.look(log, present, at: time.now())
        } else {
            lines.append(.notAsked(.clickhouse, ClickHouseSettings.urlName))
        }
        return DownstreamLook(lines: lines)
    }

    private static func flink(
        _ settings: DownstreamSettings, _ questions: DownstreamQuestions, _ time: any TimeSource
    ) async -> [DownstreamLine] {
        guard let flink = settings.flink else { return [.notAsked(.flink, DownstreamSettings.flinkSetting)] }
        return await FlinkProbe(flink, questions).look(at: time.now())
    }

    private static func scheduler(
        _ settings: DownstreamSettings, _ questions: DownstreamQuestions
    ) async -> [DownstreamLine] {
        guard let scheduler = settings.scheduler else {
            return [.notAsked(.scheduler, DownstreamSettings.schedulerSetting)]
        }
        return await SchedulerProbe(scheduler, questions).look()
    }
}
