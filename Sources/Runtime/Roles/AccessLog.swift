internal import Core
internal import Domain
internal import Synchronization
internal import Telemetry

/// The log as one role sees it; what the role touches beyond its `RoleAccess` is named in the program's log, once.
///
/// It hinders nobody: on Kafka the broker does, and here is told why.
struct AccessLog: ForwardedLog {
    let log: any EventLog
    let guardian: AccessGuard

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        for topic in Set(starts.keys.map(\.topic)) { guardian.reads(topic) }
        return try await log.reader(from: starts, options)
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        guardian.writes(as: name)
        return AccessWriter(writer: try await log.writer(named: name), guardian: guardian)
    }

    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        guardian.shares(consumer)
        return try await log.positions(of: consumer, in: partitions)
    }

    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        guardian.shares(group)
        return try await log.join(group: group, sharing: topic)
    }
}

private struct AccessWriter: EventWriter {
    let writer: any EventWriter
    let guardian: AccessGuard

    func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        guardian.appends(append)
        return try await writer.append(append)
    }

    func close() async { await writer.close() }
}

/// Holds what a role does against what it declares; cheap where everything is declared.
final class AccessGuard: Sendable {
    private let role: RoleName
    private let reads: Set<String>
    private let writes: Set<String>
    private let access: RoleAccess
    private let logbook: Logbook
    private let told = Mutex(Set<String>())

    init(_ role: RoleName, _ access: RoleAccess, _ logbook: Logbook) {
        self.role = role
        self.access = access
        self.logbook = logbook
        reads = Set(access.reads.map(\.name))
        writes = Set(access.writes.map(\.name))
    }

    func reads(_ topic: String) { if !reads.contains(topic) { tell("read", topic) } }

    func writes(as name: String) {
        if !access.writers.contains(where: { name.hasPrefix($0) }) { tell("write as", name) }
    }

    func shares(_ group: String) {
        if !access.groups.contains(where: { group.hasPrefix($0) }) { tell("join", group) }
    }

    func appends(_ append: Append) {
        for record in append.records where !writes.contains(record.topic) { tell("write", record.topic) }
        for position in append.positions { shares(position.consumer) }
    }

    private func tell(_ use: String, _ what: String) {
        guard told.withLock({ $0.insert("\(use) \(what)").inserted }) else { return }
        logbook.error(
            "log_access_undeclared",
            ["role": .text(role.rawValue), "use": .text(use), "what": .text(what)])
    }
}
