import Core
import Foundation
import Kafka
import Testing

@testable import Bus

/// A log on a mock cluster, closed with the test.
func withKafkaLog<Answer>(
    topics: [(String, Int32)] = [("t", 1)], _ body: (KafkaDevCluster, KafkaLog) async throws -> Answer
) async throws -> Answer {
    let cluster = try KafkaDevCluster()
    defer { cluster.close() }
    for (name, partitions) in topics { try cluster.create(topic: name, partitions: partitions) }
    var settings = KafkaSettings(bootstrap: cluster.bootstrap)
    // The mock answers an empty fetch only when its wait has run out.
    settings.properties = ["fetch.wait.max.ms": "20"]
    let log = try KafkaLog(settings)
    do {
        let answer = try await body(cluster, log)
        await log.close()
        return answer
    } catch {
        await log.close()
        throw error
    }
}

func take(_ count: Int, from reader: any EventReader, within limit: Duration = .seconds(15)) async throws -> [Record] {
    var found: [Record] = []
    let end = ContinuousClock.now + limit
    while found.count < count, ContinuousClock.now < end {
        let batch = try await reader.next(waiting: .milliseconds(200))
        for index in 0..<batch.count { found.append(batch.record(at: index)) }
    }
    return found
}

/// The other client: kcat, as anyone may run it.
///
/// Returns what it printed.
func kcat(_ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["kcat"] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self)
}
