import Bus
import Core
import Domain
import Glibc
import Kafka
import Postgres
import Projections
import ProjectionsTestSupport
import TestSupport

// Folds the mix of orders until it is ended; told a moment and a number, it kills or stops itself there.
//
// Words are `name=value`: journal or kafka (where the log is), db, owner, head, records, lanes, moment, count, end.
let words = ChildWords()

struct Teller: ProjectionObserver {
    func committed(_ commits: [ProjectionCommit]) {}
    func noted(_ note: ProjectionNote) { ChildWords.say("\(note.kind.rawValue): \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}

func openLog() throws -> any EventLog {
    if let path = words["journal"] { return JournalLog(path) }
    var settings = KafkaSettings(bootstrap: words["kafka"] ?? "")
    settings.properties = ["fetch.wait.max.ms": "20"]
    return try KafkaLog(settings)
}

var limits = ProjectionLimits()
if let head = words.number("head") { limits.headRows = head }
if let records = words.number("records") { limits.maximumBatchRecords = records }
let fate = Fate(words)
let projector = Projector(
    log: try openLog(), database: PostgresSettings(words["db"] ?? ""), owner: words["owner"] ?? "child-\(getpid())",
    observer: Teller(), lanes: words.number("lanes") ?? 1, limits: limits,
    probe: WriteProbe { fate.meet($0.rawValue) })
do {
    let standing = try await projector.prepare([OrderMix.self])
    try await projector.run(standing.served, partitions: Array(0..<12))
    ChildWords.say("ended")
} catch { ChildWords.say("ended: \(error)") }
