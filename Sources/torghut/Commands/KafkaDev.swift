import Core
import Domain
import Glibc
import Kafka

/// A Kafka cluster for play and tests: librdkafka's mock, in a process of its own.
enum KafkaDev {
    static let command = Command(
        "kafka dev", "run a Kafka cluster in memory, for development",
        details: """
            librdkafka's mock cluster with the catalog's topics: in memory, a few MB per partition, for development.
            It picks its own loopback ports and prints them as one line. Ends with Ctrl-C; nothing is kept.
            """,
        options: [
            .valued("brokers", "N", "number of brokers, 1 to 9; default 1"),
            .valued("address-file", "FILE", "write the address here too, once the cluster takes requests"),
        ]
    ) { invocation in
        let brokers = try invocation.integer("brokers", atLeast: 1) ?? 1
        guard brokers <= 9 else { throw UsageError("--brokers is at most 9") }
        let file = invocation.value("address-file")
        try await Interruption.ends {
            let cluster = try KafkaDevCluster(brokers: Int(brokers))
            defer { cluster.close() }
            for spec in TopicCatalog.specs {
                try cluster.create(topic: spec.name, partitions: spec.partitions, replicas: Int32(min(brokers, 3)))
                // The mock may miss a call that comes while it still answers the one before, and then sleeps a second.
                try await Task.sleep(for: .milliseconds(5))
            }
            StandardError.line(
                "in memory, a few MB per partition, for development; \(TopicCatalog.specs.count) topics; Ctrl-C ends it"
            )
            if let file { try write(cluster.bootstrap, to: file) }
            try StandardOutput().line(cluster.bootstrap)
            do { try await Task.sleep(for: .seconds(86_400 * 365)) } catch { return }
        }
        return .ok
    }

    /// Whole or not at all: somebody may be waiting for the file.
    private static func write(_ address: String, to path: String) throws {
        let temporary = path + ".part"
        guard let file = unsafe fopen(temporary, "w") else {
            throw TerminalError(description: "cannot write \(path): \(TerminalError.text(errno))")
        }
        let put = unsafe fputs(address + "\n", file)
        let closed = unsafe fclose(file)
        guard put >= 0, closed == 0, unsafe rename(temporary, path) == 0 else {
            throw TerminalError(description: "cannot write \(path): \(TerminalError.text(errno))")
        }
    }
}
