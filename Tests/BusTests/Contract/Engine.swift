import Core
import Foundation
import TestSupport
import Testing

/// What only some engines can show; the rest of the contract runs on every one.
enum Sentence: String, CaseIterable, Sendable {
    case `what was refused or aborted is never read`
    case `an older writer of a name is fenced`
    case `topics are created, adjusted, described and deleted`
    case `a topic deleted and created again is refused`
    case `positions move with the records of their append`
    case `a group shares the partitions of a topic`

    /// What librdkafka's mock cluster cannot show and a real one must.
    static let needingACluster = Set(allCases).subtracting([.`a group shares the partitions of a topic`])
}

/// One engine of the log that must keep the contract, with a way to start it.
struct Engine: Sendable, CustomTestStringConvertible {
    let name: String
    let cannotShow: Set<Sentence>
    let start: @Sendable () async throws -> Scene

    var testDescription: String { name }

    /// Runs a rule on a log of its own and takes everything down again, also when the rule fails.
    func run(_ rule: (Scene) async throws -> Void) async throws {
        let scene = try await start()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await rule(scene)) } catch { outcome = .failure(error) }
        await scene.log.close()
        try await scene.end()
        try outcome.get()
    }

    static func showing(_ sentence: Sentence) -> [Engine] { all.filter { !$0.cannotShow.contains(sentence) } }
}

/// A log under test and the ways to make topics in it.
struct Scene: Sendable {
    let log: any EventLog
    /// Unique among all scenes, because some engines share a cluster.
    let name: String
    let create: @Sendable ([TopicSpec]) async throws -> Void
    /// Makes sure that a topic is not there: the mock cluster creates whatever is asked about.
    var keepAway: @Sendable (_ topic: String) throws -> Void = { _ in }
    /// Writes the records and takes them back, where an engine has a way to: the port has none.
    var abort: (@Sendable (Append) async throws -> Void)?
    let end: @Sendable () async throws -> Void

    /// Creates a topic of this scene's own and answers its full name.
    func topic(_ short: String = "events", partitions: Int32 = 1) async throws -> String {
        let spec = TopicSpec(name: "\(name).\(short)", partitions: partitions, retentionMilliseconds: nil)
        try await create([spec])
        return spec.name
    }

    /// The name of a topic that does not exist.
    func nowhere() throws -> String {
        let missing = "\(name).nowhere"
        try keepAway(missing)
        return missing
    }

    /// Reads everything a partition holds now.
    func all(_ source: TopicPartition, from start: ReadStart = .beginning) async throws -> [Record] {
        try await all([source: start])
    }

    func all(_ starts: [TopicPartition: ReadStart], _ options: ReadOptions = ReadOptions()) async throws -> [Record] {
        let ends = try await log.bounds(of: Array(starts.keys)).mapValues(\.end)
        let begins = try await log.bounds(of: Array(starts.keys)).mapValues(\.begin)
        let reader = try await log.reader(from: starts, options)
        var records: [Record] = []
        var next: [TopicPartition: Int64] = begins
        for (source, start) in starts {
            switch start {
            case .beginning: break
            case .end: next[source] = ends[source]
            case .offset(let offset): next[source] = offset
            case .after(let position): next[source] = position.next
            }
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while next.contains(where: { $0.value < ends[$0.key, default: 0] }) {
            guard ContinuousClock.now < deadline else { throw Stuck(next: next, ends: ends) }
            let batch = try await reader.next(waiting: .milliseconds(200))
            records += batch.entries.indices.map { batch.record(at: $0) }
            next.merge(batch.next) { $1 }
        }
        await reader.close()
        return records
    }
}

struct Stuck: Error {
    let next: [TopicPartition: Int64]
    let ends: [TopicPartition: Int64]
}

/// Asserts that the call is refused and answers why.
func refusal(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> LogError.Reason {
    let error = try #require(
        await #expect(throws: LogError.self, sourceLocation: sourceLocation) { try await body() },
        sourceLocation: sourceLocation)
    return error.reason
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
