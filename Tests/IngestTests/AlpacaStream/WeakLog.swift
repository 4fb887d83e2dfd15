import Core
import Synchronization
import TestSupport

/// A log that is away, takes its time, or fails as it is told, when the test says so.
///
/// As on Kafka, an append of nothing asks nobody.
final class WeakLog: ForwardingLog {
    struct Mood: Sendable {
        var isAway = false
        var pause: Duration?
        /// Why the next appends fail, one each.
        var reasons: [LogError.Reason] = []
        /// Readers get nothing until they are cancelled.
        var holdsReaders = false
        /// What happens before the next writer is opened, once.
        var beforeOpening: (@Sendable () async -> Void)?
        var held = 0
        var appends = 0
        var atOnce = 0
        var mostAtOnce = 0
        var mostRecords = 0
    }

    let log: any EventLog
    private let mood = Mutex(Mood())

    init(_ log: any EventLog) { self.log = log }
    var now: Mood { mood.withLock { $0 } }
    func change(_ body: (inout Mood) -> Void) { mood.withLock { body(&$0) } }

    private struct Writer: EventWriter {
        let writer: any EventWriter
        let log: WeakLog

        func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
            if append.records.isEmpty, append.positions.isEmpty { return [] }
            var reason: LogError.Reason?
            log.change {
                $0.appends += 1
                $0.atOnce += 1
                $0.mostAtOnce = max($0.mostAtOnce, $0.atOnce)
                $0.mostRecords = max($0.mostRecords, append.records.count)
                if !$0.reasons.isEmpty { reason = $0.reasons.removeFirst() }
            }
            defer { log.change { $0.atOnce -= 1 } }
            if let pause = log.now.pause {
                do { try await Task.sleep(for: pause) } catch { throw LogError(.append, .timedOut("the test")) }
            }
            if log.now.isAway { throw LogError(.append, .unavailable("the test says so")) }
            if let reason { throw LogError(.append, reason) }
            return try await writer.append(append)
        }

        func close() async { await writer.close() }
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        var before: (@Sendable () async -> Void)?
        change {
            before = $0.beforeOpening
            $0.beforeOpening = nil
        }
        await before?()
        return Writer(writer: try await log.writer(named: name), log: self)
    }

    private struct Reader: EventReader {
        let reader: any EventReader
        let log: WeakLog

        func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
            guard log.now.holdsReaders else { return try await reader.next(waiting: limit) }
            log.change { $0.held += 1 }
            // Whoever is cancelled while he waits is given nothing.
            do { try await Task.sleep(for: .seconds(60)) } catch {
                return RecordBatch(sources: [], entries: [], next: [:], block: [])
            }
            return try await reader.next(waiting: limit)
        }

        func close() async { await reader.close() }
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        Reader(reader: try await log.reader(from: starts, options), log: self)
    }
}
