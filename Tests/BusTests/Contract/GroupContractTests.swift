import Core
import TestSupport
import Testing

@Suite struct `The log's contract: groups` {
    /// What a member owns, learned only from the changes it is told.
    private struct Member {
        let membership: any Membership
        var owned: Set<Int32> = []
        var owes: Set<Int32> = []

        mutating func take(_ change: OwnershipChange) {
            switch change {
            case .granted(let partitions): owned.formUnion(partitions)
            case .revoked(let partitions):
                owned.subtract(partitions)
                owes.formUnion(partitions)
            case .lost(let partitions): owned.subtract(partitions)
            }
        }
    }

    /// Polls every member until the condition holds; revoked partitions are released when `releasing` says so.
    private func settle(
        _ members: inout [Member], releasing: Bool = true, until done: ([Member]) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !done(members) {
            guard ContinuousClock.now < deadline else {
                Issue.record("the group did not settle: \(members.map(\.owned)), owing \(members.map(\.owes))")
                return
            }
            for index in members.indices {
                if let change = try await members[index].membership.change(waiting: .milliseconds(50)) {
                    members[index].take(change)
                }
                #expect(
                    members.enumerated().allSatisfy { place, member in
                        place == index || member.owned.isDisjoint(with: members[index].owned)
                    })
                if releasing, !members[index].owes.isEmpty {
                    try await members[index].membership.released(members[index].owes)
                    members[index].owes = []
                }
            }
        }
    }

    @Test(arguments: Engine.showing(.`a group shares the partitions of a topic`))
    func `a lone member owns everything, two share, and what one leaves the other gets`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic(partitions: 4)
            let everything = Set<Int32>(0..<4)
            var members = [Member(membership: try await scene.log.join(group: "\(scene.name).group", sharing: topic))]
            try await settle(&members) { $0[0].owned == everything }
            members.append(Member(membership: try await scene.log.join(group: "\(scene.name).group", sharing: topic)))
            try await settle(&members) { $0[0].owned.count == 2 && $0[1].owned.count == 2 }
            #expect(members[0].owned.union(members[1].owned) == everything)
            await members.removeFirst().membership.leave()
            try await settle(&members) { $0[0].owned == everything }
            await members[0].membership.leave()
        }
    }

    @Test(arguments: Engine.showing(.`a group shares the partitions of a topic`))
    func `a revoked partition goes to nobody before it is released`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic(partitions: 2)
            var members = [Member(membership: try await scene.log.join(group: "\(scene.name).group", sharing: topic))]
            try await settle(&members) { $0[0].owned.count == 2 }
            members.append(Member(membership: try await scene.log.join(group: "\(scene.name).group", sharing: topic)))
            try await settle(&members, releasing: false) { !$0[0].owes.isEmpty }
            for _ in 0..<5 {
                let early = try await members[1].membership.change(waiting: .milliseconds(50))
                #expect(early == nil)
            }
            try await settle(&members) { $0[1].owned.count == 1 }
            for member in members { await member.membership.leave() }
        }
    }
}
