import Core
import Journal

extension Journal {
    func hasTopic(_ name: String) -> Bool { describe().contains { $0.name == name } }

    /// Every value of a topic of one partition, in order, up to where it ends now.
    func readAll(of topic: String, _ take: ([UInt8]) throws -> Void) async throws {
        let partition = TopicPartition(topic, 0)
        guard let bounds = try bounds(of: [partition])[partition], bounds.begin < bounds.end else { return }
        let reader = try await reader(from: [partition: .beginning], ReadOptions(headers: false))
        var next = bounds.begin
        while next < bounds.end {
            let batch = try await reader.next(waiting: .seconds(10))
            for entry in batch.entries {
                if let value = batch.copy(of: entry.value) { try take(value) }
            }
            let reached = batch.next[partition] ?? next
            guard reached > next else { throw LogError(.read, .timedOut("reading \(topic)")) }
            next = reached
        }
    }
}
