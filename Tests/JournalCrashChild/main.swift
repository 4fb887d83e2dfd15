import Core
import Glibc
import Journal

// Writes to a journal until it is killed, and prints each acknowledged append before it issues the next of the same
// lane. With `limit` it stops at a file size, as a full disk would, and prints what it was told.
let arguments = CommandLine.arguments
let path = arguments[1]
let mode = arguments[2]

/// One write per line, so that a kill never leaves an acknowledgement in a buffer.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    unsafe _ = Glibc.write(1, bytes, bytes.count)
}

func record(_ lane: Int32, _ number: Int, _ bytes: Int) -> NewRecord {
    var value = Array("\(lane):\(number):".utf8)
    var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(lane) | 1
    while value.count < bytes {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        value.append(UInt8(truncatingIfNeeded: state >> 56))
    }
    return NewRecord(topic: "t", partition: lane, value: value)
}

func write(_ journal: Journal, lane: Int32) async throws {
    let source = TopicPartition("t", lane)
    var number = Int(try journal.bounds(of: [source])[source]?.end ?? 0)
    while true {
        // Small ones are joined with others, large ones are batches of their own.
        let size = number % 5 == 4 ? 40 : 1 + number % 3
        let records = (0..<size).map { record(lane, number + $0, number % 5 == 4 ? 700 : 90) }
        let position = ConsumerPosition(consumer: "c\(lane)", source: source, next: Int64(number + size), anchor: nil)
        let places = try await journal.append(Append(records, positions: [position]))
        say("\(lane) \(places[0].offset) \(places.count)")
        number += size
    }
}

var settings = JournalSettings()
settings.control = mode == "hold"
settings.segmentBytes = 256 << 10
if mode == "limit" { signal(SIGXFSZ, SIG_DFL) }
let journal = try await Journal.open(path, settings)
if journal.describe().isEmpty {
    try await journal.create([TopicSpec(name: "t", partitions: 4, retentionMilliseconds: nil)])
}
switch mode {
case "write":
    try await withThrowingTaskGroup { group in
        for lane in 0..<Int32(4) { group.addTask { try await write(journal, lane: lane) } }
        try await group.waitForAll()
    }
case "limit":
    var limit = rlimit(rlim_cur: 60_000, rlim_max: rlim_t.max)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    var number = 0
    var refused = 0
    while refused < 3 {
        do throws(LogError) {
            let places = try await journal.append(Append([record(0, number, 3000)]))
            say("0 \(places[0].offset) 1")
            number += 1
        } catch {
            guard case .noSpace = error.reason else { fatalError("\(error)") }
            refused += 1
        }
    }
    limit.rlim_cur = rlim_t.max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    for _ in 0..<5 {
        let places = try await journal.append(Append([record(0, number, 3000)]))
        say("0 \(places[0].offset) 1")
        number += 1
    }
    await journal.close()
    say("done \(number)")
default:
    say("held")
    while true { try await Task.sleep(for: .seconds(60)) }
}
