import Bus
import Commands
import Core
import Domain
import Folding
import Glibc
import RouterTestSupport
import Synchronization
import Telemetry
import TestSupport
import Threading
import Wire

// Routes until its standard input ends, or until every intent has an ending; told a moment and a number, it kills or
// stops itself there.
//
// Words are `name=value`: those of `RouterWords`, and journal, partitions, name, moment, count, end, metrics, settled,
// final, latch, snapshots, handler, answers.
let words = ChildWords()

final class Teller: RouterObserver {
    private let read = Mutex<Set<Int32>>([])
    /// Partitions that were read to their end: what they count is in the metrics.
    var owned: Set<Int32> { read.withLock { $0 } }

    func noted(_ note: RouterNote) {
        if note.kind == .owned { read.withLock { _ = $0.insert(note.partition) } }
        ChildWords.say("\(note.kind.rawValue) \(note.partition): \(note.text)")
    }

    func progressed(_ partition: Int32) {}
}

/// Standard input, which somebody closes when this router should end.
actor Input {
    private nonisolated let executor = BlockingExecutor("input")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func end() {
        var byte: UInt8 = 0
        while unsafe read(0, &byte, 1) > 0 {}
    }
}

func watch(_ log: any EventLog, _ timing: RoutingPolicy.Timing, until isOver: (RouteStory) -> Bool) async throws {
    let story = try await RouteStory.open(log, partitions: owned, timing)
    while !isOver(story) { try await story.read() }
    await story.close()
}

let log = JournalLog(words["journal"] ?? "")
let fate = Fate(words)
let registry = Registry()
let teller = Teller()
let given = RouterWords(arguments: words.all)
var setup = given.setup(
    log, registry: registry, process: words["name"] ?? "child-\(getpid())", observer: teller,
    localStop: {
        guard let latch = words["latch"] else { return .none }
        return LocalStop(latchFile: unsafe access(latch, F_OK) == 0, environment: false)
    })
setup.probe = RouterProbe { fate.meet($0.rawValue) }
if let folder = words["snapshots"] { setup.snapshots = SnapshotStore(folder: folder, logID: "journal") }
let partitions = (words["partitions"] ?? "").split(separator: ",").compactMap { Int32($0) }
let owned = partitions.isEmpty ? Array(0..<12) : partitions
let fleet = RouterFleet(setup)
/// The handler beside the router, as one process runs both.
struct Deaf: CommandObserver {
    func committed(_ batch: AnswerCounts, took: Duration) {}
    func noted(_ note: CommandNote) {
        switch note {
        case .retrying(let error): ChildWords.say("handler retries: \(error)")
        case .fenced: ChildWords.say("handler fenced")
        default: break
        }
    }
}

let handler = CommandHandler(
    HandlerContext(
        log: log, decider: TradingDecider(setup.inForce, mint: EventMint.mint), time: setup.time,
        localStop: setup.localStop, snapshots: SnapshotStore(folder: words["snapshots"] ?? "", logID: "journal"),
        observer: Deaf()))
let deciding = Task {
    guard words["handler"] != nil else { return }
    do { try await handler.run() } catch { ChildWords.say("handler ended: \(error)") }
}
do {
    if let count = words.number("answers") {
        // An order of which nothing is proved blocks further ones of its symbol: so all are decided first.
        try await watch(log, given.policy.routing.timing) { $0.answers >= count }
    }
    fleet.take(Set(owned))
    if let count = words.number("settled") {
        try await watch(log, given.policy.routing.timing) { $0.isSettled(count) }
    } else if let count = words.number("final") {
        try await watch(log, given.policy.routing.timing) { $0.isFinal(count) }
        // All may have ended before this router came: it is to have read of that everywhere.
        while teller.owned.count < owned.count { try await Task.sleep(for: .milliseconds(5)) }
    } else {
        await Input().end()
    }
} catch { ChildWords.say("failed: \(error)") }
deciding.cancel()
await deciding.value
await fleet.end()
if let path = words["metrics"], let file = unsafe fopen(path, "w") {
    let text = Array(registry.render().utf8)
    unsafe _ = fwrite(text, 1, text.count, file)
    unsafe _ = fclose(file)
}
await log.close()
ChildWords.say("ended")
