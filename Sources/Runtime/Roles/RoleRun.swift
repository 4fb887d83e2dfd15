internal import Domain
internal import Telemetry

/// The life of a process: roles start in order, work until one fails or somebody says stop, and end what is in hand.
public struct RoleRun: Sendable {
    /// How long roles may take to end what is in hand.
    public static let drainLimit: Duration = .seconds(30)

    private enum Happening: Sendable {
        case ended(Int, (any Error)?)
        case asked
        case overdue
    }

    private let roles: [any Role]
    private let house: House
    private let drainLimit: Duration

    public init(_ roles: [any Role], in house: House, drainLimit: Duration = RoleRun.drainLimit) {
        self.roles = roles
        self.house = house
        self.drainLimit = drainLimit
    }

    /// Returns when every role has ended because the task was cancelled; throws what a role could not go on for.
    public func run() async throws {
        let happenings = AsyncStream.makeStream(of: Happening.self)
        let control = ControlPlaneMetrics(in: house.registry)
        try await withTaskCancellationHandler {
            var tasks: [Task<Void, Never>] = []
            do {
                for role in roles {
                    try await role.start()
                    let number = tasks.count
                    tasks.append(
                        Task {
                            do {
                                if try await prepare(role) { try await role.run() }
                                control.ended(type(of: role).name.rawValue, "ended")
                                happenings.continuation.yield(.ended(number, nil))
                            } catch {
                                control.ended(type(of: role).name.rawValue, "failed")
                                happenings.continuation.yield(.ended(number, error))
                            }
                        })
                }
            } catch {
                if !tasks.isEmpty { try await Task { [tasks] in try await drain(tasks, happenings) }.value }
                // Asked to stop while it started: nothing is in hand.
                if Task.isCancelled { return }
                throw error
            }
            // A task of its own: the stream of a cancelled task ends before it says so.
            try await Task { [tasks] in try await drain(tasks, happenings, waiting: true) }.value
        } onCancel: {
            happenings.continuation.yield(.asked)
        }
    }

    /// Whether the role may work now; one that is told to end while it waits for something has nothing in hand.
    private func prepare(_ role: any Role) async throws -> Bool {
        do { try await role.prepare() } catch {
            guard Task.isCancelled else { throw error }
            house.board.set(type(of: role).name, .leaderNotStarted, "ended")
            return false
        }
        return true
    }

    /// Waits for what ends the run, then for every role to end.
    private func drain(
        _ tasks: [Task<Void, Never>],
        _ happenings: (stream: AsyncStream<Happening>, continuation: AsyncStream<Happening>.Continuation),
        waiting: Bool = false
    ) async throws {
        var open = Set(tasks.indices)
        var failure: (any Error)?
        var timer: Task<Void, Never>?
        func stop() {
            guard timer == nil else { return }
            for task in tasks.reversed() { task.cancel() }
            timer = Task { [drainLimit] in
                // Cancelled: everything has ended in time.
                do { try await Task.sleep(for: drainLimit) } catch { return }
                happenings.continuation.yield(.overdue)
            }
        }
        if !waiting { stop() }
        for await happening in happenings.stream {
            switch happening {
            case .asked:
                house.logbook.info("stopping", ["roles": .integer(open.count)])
                stop()
            case .ended(let number, let error):
                open.remove(number)
                // Cancelled while it waited for something: that is how it was asked to end.
                if let error, failure == nil, !(error is CancellationError && timer != nil) { failure = error }
                stop()
            case .overdue: throw DrainOverdue(limit: drainLimit, roles: open.sorted().map { type(of: roles[$0]).name })
            }
            if open.isEmpty { break }
        }
        timer?.cancel()
        if let failure { throw failure }
    }
}

/// Roles that did not end what they had in hand; what they have not committed is done again by the next owner.
struct DrainOverdue: Error, CustomStringConvertible {
    let limit: Duration
    let roles: [RoleName]

    var description: String {
        "not ended within \(limit) (drainLimit): \(roles.map(\.rawValue).joined(separator: ", "))"
    }
}
