public import Core
public import Domain
internal import Synchronization

/// What a role of this process did when it was told to look at the stop.
public struct StopAnswer: Sendable, Equatable {
    public let role: RoleName
    /// Whether nothing new leaves any more, and nothing that had passed its last look is still about to.
    public let hasStopped: Bool
    /// When its last submit or replace went out.
    public let lastSentAt: Timestamp?
    /// Orders it asks to be canceled.
    public let openOrders: Int

    public init(role: RoleName, hasStopped: Bool, lastSentAt: Timestamp?, openOrders: Int) {
        self.role = role
        self.hasStopped = hasStopped
        self.lastSentAt = lastSentAt
        self.openOrders = openOrders
    }
}

/// Told when the stop should be looked at now and not at the next tick; roles that send answer it.
public final class StopBell: Sendable {
    public typealias Answering = @Sendable () async -> StopAnswer

    private let answering = Mutex<[Answering]>([])

    public init() {}

    /// A role that sends orders says once how it looks at latch, environment and control, and waits until nothing that
    /// passed its last look is still about to leave.
    public func answer(_ body: @escaping Answering) { answering.withLock { $0.append(body) } }

    /// Asks all of them at once; who does not answer in time has not stopped, for all we know.
    public func ring(within limit: Duration = .seconds(1)) async -> [StopAnswer?] {
        let all = answering.withLock { $0 }
        return await withTaskGroup(of: [StopAnswer?].self) { group in
            for body in all { group.addTask { [await FirstAnswer.of(limit, body)] } }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }
}
