import Bus
import Core
import Domain
import Glibc
import Kafka
import Postgres
import Projections
import ProjectionsTestSupport
import Synchronization

// Folds the mix of orders until it is ended; told a moment and a number, it kills or stops itself there.
//
// Words are `name=value`: journal or kafka (where the log is), db, owner, head, records, lanes, moment, count, end.
let words = Dictionary(
    CommandLine.arguments.dropFirst().compactMap { word in
        word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
    }, uniquingKeysWith: { $1 })

/// One write for each line, so that a kill never leaves half of one in a buffer.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    unsafe _ = Glibc.write(1, bytes, bytes.count)
}

/// Ends or stops this process at the moment it was told, and nothing of it runs on.
final class Fate: Sendable {
    private let left = Mutex(words["count"].flatMap { Int($0) } ?? .max)
    private let moment = words["moment"] ?? "any"
    private let signal = words["end"] == "stop" ? SIGSTOP : SIGKILL

    func meet(_ moment: WriteMoment) {
        guard self.moment == "any" || self.moment == moment.rawValue else { return }
        left.withLock { left in
            left -= 1
            guard left == 0 else { return }
            say("at \(moment.rawValue)")
            // To this thread: a stop of the process may reach it only after its next bytes.
            _ = raise(signal)
        }
    }
}

struct Teller: ProjectionObserver {
    func committed(_ commits: [ProjectionCommit]) {}
    func noted(_ note: ProjectionNote) { say("\(note.kind.rawValue): \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}

func openLog() throws -> any EventLog {
    if let path = words["journal"] { return JournalLog(path) }
    var settings = KafkaSettings(bootstrap: words["kafka"] ?? "")
    settings.properties = ["fetch.wait.max.ms": "20"]
    return try KafkaLog(settings)
}

var limits = ProjectionLimits()
if let head = words["head"].flatMap({ Int($0) }) { limits.headRows = head }
if let records = words["records"].flatMap({ Int($0) }) { limits.maximumBatchRecords = records }
let fate = Fate()
let projector = Projector(
    log: try openLog(), database: PostgresSettings(words["db"] ?? ""), owner: words["owner"] ?? "child-\(getpid())",
    observer: Teller(), lanes: words["lanes"].flatMap { Int($0) } ?? 1, limits: limits,
    probe: WriteProbe { fate.meet($0) })
do {
    let standing = try await projector.prepare([OrderMix.self])
    try await projector.run(standing.served, partitions: Array(0..<12))
    say("ended")
} catch { say("ended: \(error)") }
