public import Core
public import Domain
internal import Postgres

/// One look at the whole system, for a command: the same evidence and the same judgement as the API's.
public enum StatusLook {
    /// For the log; what hangs is named, and nobody waits for it.
    public static let patience: Duration = .seconds(5)

    /// Never throws: what cannot be reached is part of the answer.
    public static func read(
        _ settings: Settings, log: any EventLog, time: any TimeSource
    ) async -> SystemStatus {
        let began = time.now()
        let watch = LogSight(log, time)
        async let reading: Void? = FirstAnswer.of(patience) { await watch.read() }
        async let database = database(settings, time)
        async let adapters = adapters(settings, time)
        let isRead = await reading != nil
        var seen = watch.now
        if seen.readAt == nil, seen.fault == nil {
            seen.fault = isRead ? "it cannot be read" : "no answer within \(patience.components.seconds) s"
        }
        var evidence = evidence(seen, settings, since: began)
        // One look has no before: what was not read now is away.
        if seen.readAt == nil { evidence.log.since = began.advanced(by: .seconds(-60)) ?? began }
        evidence.database = await database
        evidence.adapters = await adapters
        return SystemStatus(evidence, at: time.now())
    }

    private static func database(_ settings: Settings, _ time: any TimeSource) async -> DatabaseEvidence? {
        let named: PostgresSettings
        // Without a setting there is no database to ask: roles that need one say so themselves.
        do throws(SettingsProblems) { named = try settings.database() } catch { return nil }
        return await DatabaseProbe(named, migrations: migrations(settings), time).look()
    }

    private static func adapters(_ settings: Settings, _ time: any TimeSource) async -> [AdapterEvidence] {
        await withTaskGroup(of: (Int, AdapterEvidence).self) { group in
            let probes = AdapterProbe.all(settings, time)
            for (place, probe) in probes.enumerated() { group.addTask { (place, await probe.look()) } }
            var found = probes.map(\.known)
            for await (place, evidence) in group { found[place] = evidence }
            return found
        }
    }

    /// Where the migrations lie; `nil` when they do not lie beside the program.
    static func migrations(_ settings: Settings) -> String? {
        do { return try settings.installedFiles.path(of: InstalledFiles.migrations) } catch { return nil }
    }

    static func evidence(_ seen: LogSight.Seen, _ settings: Settings, since: Timestamp) -> SystemEvidence {
        let engine =
            switch settings.log {
            case .journal: "journal"
            case .kafka: "kafka"
            case .archive: "archive"
            }
        var log = LogEvidence(engine: engine, address: settings.log.description, since: since)
        log.readAt = seen.readAt
        log.readFault = seen.fault
        log.readMicroseconds = seen.took.map { Int64($0 / .microseconds(1)) }
        log.missingTopics = seen.missingTopics
        var evidence = SystemEvidence(log: log)
        (evidence.roles, evidence.control) = (seen.roles, seen.control)
        return evidence
    }
}
