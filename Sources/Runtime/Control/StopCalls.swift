public import Commands
public import Core
public import Domain
internal import HTTPClient
internal import JSON

/// One process that was told, and what it said.
public struct StopCall: Sendable {
    public let process: RunningProcess
    /// Whether it says that nothing leaves it any more.
    public let hasStopped: Bool
    public let openOrders: Int
    public let lastSentAt: String?
    /// Why it counts as not reached.
    public let fault: String?

    public var address: Address? {
        // Ours is an address; a longer one would only be left out of the event.
        do { return try Address(process.address) } catch { return nil }
    }
}

/// Rings the control port of every process that runs on a data folder, all at once.
public enum StopCalls {
    static let limits = HTTPLimits(
        connectTimeout: .milliseconds(500), firstByteTimeout: .seconds(2), totalTimeout: .seconds(2),
        maximumResponseBytes: 64 << 10)

    public static func ring(_ dataFolder: String, token: String?) async -> [StopCall] {
        let processes = RunningProcess.all(in: dataFolder)
        guard !processes.isEmpty else { return [] }
        let pool = HTTPPool(lanes: min(processes.count, 16), limits: limits)
        return await withTaskGroup(of: StopCall.self) { group in
            for process in processes { group.addTask { await ring(process, token, pool) } }
            return await group.reduce(into: [StopCall]()) { $0.append($1) }.sorted { $0.process.pid < $1.process.pid }
        }
    }

    private static func ring(_ process: RunningProcess, _ token: String?, _ pool: HTTPPool) async -> StopCall {
        let headers = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        let request = HTTPRequest(.post, process.address + "/control/kill", headers: headers, body: Array("{}".utf8))
        switch await pool.exchange(request).result {
        case .failure(let error): return missed(process, "\(error)")
        case .success(let response) where response.status == 200: return read(process, response.body)
        case .success(let response): return missed(process, "it answered \(response.status)")
        }
    }

    private static func missed(_ process: RunningProcess, _ why: String) -> StopCall {
        StopCall(process: process, hasStopped: false, openOrders: 0, lastSentAt: nil, fault: why)
    }

    private static func read(_ process: RunningProcess, _ body: [UInt8]) -> StopCall {
        var parser = JSONParser()
        do {
            let root = try parser.parse(body)
            var open = 0
            var last: String?
            if var roles = root.field("roles")?.elements() {
                while let role = roles.next() {
                    open += Int(role.field("open_orders")?.int64 ?? 0)
                    last = [last, role.field("last_sent_at")?.string].compactMap { $0 }.max()
                }
            }
            let hasStopped = root.field("stopped")?.bool ?? false
            return StopCall(
                process: process, hasStopped: hasStopped, openOrders: open, lastSentAt: last,
                fault: hasStopped ? nil : "it does not say that it has stopped")
        } catch { return missed(process, "its answer cannot be read: \(error)") }
    }
}
