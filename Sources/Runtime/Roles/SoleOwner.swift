internal import Core
internal import Domain

/// Turns of a role of which one process works and the others stand by: a group that shares a topic of one partition.
struct SoleOwner: Sendable {
    private static let ownership = TopicCatalog.control
    private static let changeWait: Duration = .milliseconds(250)

    let house: House
    let role: RoleName
    /// Which part of the role takes turns; empty when all of it does.
    var part = ""
    let group: String
    /// What is said of this process while another one works.
    let standingBy: String

    /// After another process has taken over, before this one asks for its turn again.
    private static let fencePause: Duration = .seconds(1)

    /// Works until the task is cancelled, whenever it is this process's turn.
    func work(_ body: @escaping @Sendable () async throws -> Void) async throws {
        // On a journal nobody shares: who starts later works, and the one before ends.
        guard case .kafka = house.settings.log else { return try await body() }
        while !Task.isCancelled {
            let membership = try await join()
            do { try await takeTurns(membership, body) } catch let error as LogError
                where error.disposition == .retry || error.disposition == .reopen
            {
                house.board.set(role, part: part, .follower, error.description)
                try await Task.sleep(for: Self.fencePause)
            }
        }
    }

    func join() async throws -> any Membership {
        let membership = try await house.patiently(for: role, part: part) {
            try await house.log.join(group: group, sharing: Self.ownership.name)
        }
        house.board.set(role, part: part, .follower, standingBy)
        return membership
    }

    /// One membership: works while it has the partition, and leaves at the end.
    func takeTurns(_ membership: any Membership, _ body: @escaping @Sendable () async throws -> Void) async throws {
        var work: OwnedWork?
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                if let ended = work?.outcome {
                    work = nil
                    try ended.get()
                }
                switch try await membership.change(waiting: Self.changeWait) {
                case .granted(let some) where !some.isEmpty: work = work ?? OwnedWork(body)
                case .revoked(let some):
                    await work?.stop()
                    work = nil
                    try await membership.released(some)
                    house.board.set(role, part: part, .follower, standingBy)
                case .lost:
                    await work?.stop()
                    work = nil
                    house.board.set(role, part: part, .follower, standingBy)
                case .granted, nil: break
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await work?.stop()
        await membership.leave()
        try outcome.get()
    }
}
