internal import Core

/// One look at ClickHouse: which replicas there are, and how each of them is.
struct ClickHouseLook: Sendable {
    /// More are a mistake in a cluster's name, and would take longer than there is time.
    static let maximumReplicas = 32

    let settings: ClickHouseSettings
    let desk: ClickHouseDesk

    init(_ settings: ClickHouseSettings) {
        self.settings = settings
        desk = ClickHouseDesk(settings)
    }

    /// Begins with no replica after the deadline: those that were not asked by then are said to be missing.
    func look(until deadline: ContinuousClock.Instant) async -> ClickHouseSight {
        var sight = ClickHouseSight()
        let replicas: [ServiceAddress]
        do throws(ClickHouseDesk.Fault) { replicas = try await self.replicas() } catch {
            sight.replicas = [ClickHouseSight.Replica(name: settings.address.host, fault: error.description)]
            return sight
        }
        if replicas.count > Self.maximumReplicas { sight.fault = "more than \(Self.maximumReplicas) replicas" }
        for address in replicas.prefix(Self.maximumReplicas) {
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                sight.fault = "no time for all replicas"
                break
            }
            sight.replicas.append(await replica(at: address))
        }
        return sight
    }

    /// The replicas of the cluster; the address itself where no cluster has that name.
    private func replicas() async throws(ClickHouseDesk.Fault) -> [ServiceAddress] {
        let hosts = try await desk.rows(
            "SELECT DISTINCT host_name FROM system.clusters WHERE cluster = '\(settings.cluster)' ORDER BY 1",
            columns: 1, at: settings.address)
        // A server that was never told of others has a cluster of its own, at localhost.
        guard !hosts.isEmpty, hosts.map({ $0[0] }) != ["localhost"] else { return [settings.address] }
        guard hosts.allSatisfy({ Self.isHost($0[0]) }) else { throw .unreadable }
        return hosts.map { row in
            let host = row[0].contains(":") ? "[\(row[0])]" : row[0]
            return ServiceAddress(scheme: settings.address.scheme, host: host, port: settings.port)
        }
    }

    /// It becomes a label, and a word in the program's log.
    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._:".contains($0)) }
    }

    /// The first question that is not answered ends it: a replica that hangs costs one wait.
    private func replica(at address: ServiceAddress) async -> ClickHouseSight.Replica {
        var replica = ClickHouseSight.Replica(name: address.host)
        do throws(ClickHouseDesk.Fault) {
            replica.disk = try await disk(at: address)
            replica.isUp = true
            replica.isReadOnly = try await isReadOnly(at: address)
            let parts = try await parts(at: address)
            replica.events = parts.filter { $0.key.hasSuffix(ClickHouseTable.eventsSuffix) }
            for table in ClickHouseTable.all where try await isThere(table, at: address) {
                replica.newest[table.name] = try await newest(table, parts[table.name] ?? 0, at: address)
            }
        } catch { replica.fault = error.description }
        return replica
    }

    private func disk(at address: ServiceAddress) async throws(ClickHouseDesk.Fault) -> ClickHouseSight.Disk? {
        let rows = try await desk.rows(
            "SELECT free_space, total_space FROM system.disks WHERE name = '\(settings.disk)'", columns: 2, at: address)
        guard let row = rows.first else { return nil }
        guard let free = Double(row[0]), let total = Double(row[1]) else { throw .unreadable }
        return ClickHouseSight.Disk(free: free, total: total)
    }

    /// A server without replicated tables is not read-only.
    private func isReadOnly(at address: ServiceAddress) async throws(ClickHouseDesk.Fault) -> Bool {
        let names = settings.replicated.map { "'\($0)'" }.joined(separator: ", ")
        let rows = try await desk.rows(
            "SELECT countIf(is_readonly) FROM system.replicas WHERE database = '\(settings.database)'"
                + (names.isEmpty ? "" : " AND table IN (\(names))"), columns: 1, at: address)
        guard let count = rows.first.flatMap({ Int($0[0]) }) else { throw .unreadable }
        return count > 0
    }

    /// The newest time of each table as its parts know it, without a look at the rows.
    private func parts(at address: ServiceAddress) async throws(ClickHouseDesk.Fault) -> [String: Double] {
        let rows = try await desk.rows(
            "SELECT table, toUnixTimestamp(max(max_time)) FROM system.parts WHERE active AND database = "
                + "'\(settings.database)' GROUP BY table", columns: 2, at: address)
        var found: [String: Double] = [:]
        for row in rows {
            guard let seconds = Double(row[1]) else { throw .unreadable }
            found[row[0]] = seconds
        }
        return found
    }

    private func isThere(
        _ table: ClickHouseTable, at address: ServiceAddress
    ) async throws(ClickHouseDesk.Fault) -> Bool {
        let rows = try await desk.rows(
            "SELECT count() FROM system.tables WHERE database = '\(settings.database)' AND name = '\(table.name)'",
            columns: 1, at: address)
        return rows.first?[0] == "1"
    }

    private func newest(
        _ table: ClickHouseTable, _ byParts: Double, at address: ServiceAddress
    ) async throws(ClickHouseDesk.Fault) -> ClickHouseSight.Newest {
        guard settings.mode != .lowMemory else { return .init(seconds: byParts, isByParts: true) }
        do throws(ClickHouseDesk.Fault) {
            let rows = try await desk.rows(
                "SELECT toFloat64(ifNull(max(\(table.time)), toDateTime64(0, 3, 'UTC'))) FROM "
                    + "`\(settings.database)`.`\(table.name)`", columns: 1, at: address)
            guard let seconds = rows.first.flatMap({ Double($0[0]) }) else { throw .unreadable }
            return .init(seconds: seconds)
        } catch {
            guard settings.mode == .auto else { throw error }
            return .init(seconds: byParts, isByParts: true, isFallback: true)
        }
    }
}
