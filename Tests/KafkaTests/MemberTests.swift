import Core
import Kafka
import Testing

@Suite struct `Members of a group` {
    // The mock waits 3 s for a first round of members, and a session for the next.
    private let limits: (inout KafkaSettings) -> Void = {
        $0.properties["session.timeout.ms"] = "4000"
        $0.properties["heartbeat.interval.ms"] = "100"
        $0.properties["max.poll.interval.ms"] = "4000"
        $0.revocationTimeout = .seconds(1)
    }

    private func granted(
        _ member: KafkaMember, _ owned: inout Set<Int32>, until done: (Set<Int32>) -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !done(owned), ContinuousClock.now < end {
            switch try await member.change(waiting: .milliseconds(200)) {
            case .granted(let partitions): owned.formUnion(partitions)
            case .revoked(let partitions):
                owned.subtract(partitions)
                member.released(partitions)
            case .lost(let partitions): owned.subtract(partitions)
            case nil: continue
            }
        }
        #expect(done(owned), "owns \(owned)")
    }

    @Test func `share the partitions, hold what is revoked until released, and inherit from who leaves`() async throws {
        try await withCluster(topics: [("t", 4)], limits: limits) { _, settings in
            var patient = settings
            patient.revocationTimeout = .seconds(20)
            let first = try await KafkaMember(patient, group: "g", sharing: "t")
            var mine: Set<Int32> = []
            try await granted(first, &mine) { $0.count == 4 }
            let second = try await KafkaMember(settings, group: "g", sharing: "t")
            var taken: Set<Int32> = []
            let end = ContinuousClock.now + .seconds(20)
            while taken.isEmpty, ContinuousClock.now < end {
                if case .revoked(let partitions) = try await first.change(waiting: .seconds(1)) { taken = partitions }
            }
            #expect(taken.count == 2)
            // Held: the other one gets nothing of them, though the group has agreed already.
            #expect(try await second.change(waiting: .milliseconds(700)) == nil)
            first.released(taken)
            var theirs: Set<Int32> = []
            try await granted(second, &theirs) { $0 == taken }
            await first.leave()
            try await granted(second, &theirs) { $0.count == 4 }
            await second.leave()
        }
    }

    @Test func `are not held up for ever by one that does not release`() async throws {
        try await withCluster(topics: [("t", 2)], limits: limits) { _, settings in
            let first = try await KafkaMember(settings, group: "g", sharing: "t")
            var mine: Set<Int32> = []
            try await granted(first, &mine) { $0.count == 2 }
            let second = try await KafkaMember(settings, group: "g", sharing: "t")
            var theirs: Set<Int32> = []
            try await granted(second, &theirs) { $0.count == 1 }
            await first.leave()
            await second.leave()
        }
    }

    @Test func `stay members though nobody asks for news longer than the poll interval`() async throws {
        try await withCluster(topics: [("t", 1)], limits: limits) { _, settings in
            let member = try await KafkaMember(settings, group: "g", sharing: "t")
            var mine: Set<Int32> = []
            try await granted(member, &mine) { $0.count == 1 }
            try await Task.sleep(for: .milliseconds(4_600))
            #expect(try await member.change(waiting: .zero) == nil)
            await member.leave()
        }
    }

    @Test func `hear that the group is closed to them, and not of brokers that come and go`() async throws {
        try await withCluster(topics: [("t", 1)], limits: limits) { cluster, settings in
            try cluster.push([.coordinatorNotAvailable, .groupAuthorization], to: .joinGroup)
            let member = try await KafkaMember(settings, group: "g", sharing: "t")
            let error = await #expect(throws: KafkaError.self) { try await member.change(waiting: .seconds(15)) }
            #expect(error?.code == .groupAuthorization)
            #expect(error?.disposition == .reject)
            await member.leave()
        }
    }

    @Test func `cannot share a topic that is not there`() async throws {
        try await withCluster { _, settings in
            let error = await #expect(throws: KafkaError.self) {
                try await KafkaMember(settings, group: "g", sharing: "no")
            }
            #expect(error?.logError(.join).reason == .unknownTopic("no"))
        }
    }
}
