import Core
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Journal

/// The child that writes until it is killed; it lies beside the test's own program.
struct CrashChild {
    let pid: pid_t
    private let output: Int32

    init(_ path: String, _ mode: String) throws {
        var own = [CChar](repeating: 0, count: 4096)
        unsafe readlink("/proc/self/exe", &own, own.count - 1)
        let program = String(decoding: own.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var ends: [Int32] = [0, 0]
        unsafe pipe(&ends)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
        unsafe posix_spawn_file_actions_addclose(&actions, ends[1])
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let words = [folder + "/journal-crash-child", path, mode]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let failed = unsafe posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
        close(ends[1])
        try #require(failed == 0, "cannot start \(words[0])")
        self.pid = pid
        output = ends[0]
    }

    /// All it prints, until it ends.
    func lines() -> [String] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let got = unsafe read(output, &buffer, buffer.count)
            if got <= 0 { break }
            bytes += buffer[..<got]
        }
        close(output)
        var status: Int32 = 0
        unsafe waitpid(pid, &status, 0)
        // A last line that was cut short by the kill says nothing.
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    func firstByte() {
        var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        unsafe poll(&waiting, 1, 20_000)
    }

    func kill() { _ = Glibc.kill(pid, SIGKILL) }
}

/// What a crash may do to the lanes of the child: nothing to what it acknowledged, and nothing by halves.
func checkLanes(_ path: String, acknowledged: [String], _ note: Comment) async throws {
    #expect(try JournalCheck.verify(path).damage.isEmpty, note)
    let journal = try await Journal.open(path, .quiet)
    guard !journal.describe().isEmpty else {
        #expect(acknowledged.isEmpty, note)
        await journal.close()
        return
    }
    let sources = (0..<Int32(4)).map { TopicPartition("t", $0) }
    let records = try await journal.reader(from: Dictionary(uniqueKeysWithValues: sources.map { ($0, .beginning) }))
        .all()
    var ends: [Int32: Int64] = [:]
    for record in records {
        let lane = record.position.source.partition
        #expect(record.position.offset == ends[lane, default: 0], note)
        #expect(record.value?.starts(with: Array("\(lane):\(record.position.offset):".utf8)) == true, note)
        ends[lane] = record.position.offset + 1
    }
    for line in acknowledged {
        let numbers = line.split(separator: " ").compactMap { Int64($0) }
        #expect(numbers[1] + numbers[2] <= ends[Int32(numbers[0]), default: 0], "\(note): \(line) is lost")
    }
    // Records and the position of one append come together: the position says where the records must end.
    for source in sources {
        let stored = try journal.positions(of: "c\(source.partition)", in: [source])[source]
        #expect((stored?.next ?? 0) == ends[source.partition, default: 0], note)
    }
    await journal.close()
}

/// Kills a writing process so many times, each at another instant, and looks at what it left.
private func killWriters(_ rounds: Int, seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let folder = TemporaryFolder()
    let path = folder.path + "/j"
    var acknowledged: [String] = []
    for round in 0..<rounds {
        if round % 10 == 0 {
            acknowledged = []
            try JournalImage(files: [:]).restore(to: path)
        }
        let child = try CrashChild(path, "write")
        child.firstByte()
        usleep(UInt32.random(in: 0...30_000, using: &random))
        child.kill()
        acknowledged += child.lines()
        try await checkLanes(path, acknowledged: acknowledged, "seed \(seed), round \(round)")
    }
}

@Suite(.enabled(if: Storm.isOn, "the long twin, run by `make soak`"))
struct `Soak of the journal` {
    @Test func `500 killed writers keep every acknowledged append whole and no other in part`() async throws {
        print("seed \(Storm.seed)")
        try await killWriters(500, seed: Storm.seed)
    }

    @Test func `2,000 losses of power keep every acknowledged append`() async throws {
        print("seed \(Storm.seed)")
        try await losePower(2_000, someSectorsSurvive: true, seed: Storm.seed)
    }
}

@Suite struct `A journal whose process is killed` {
    @Test func `keeps every acknowledged append whole and no other in part`() async throws {
        try await killWriters(20, seed: 0x70_72_67_68)
    }

    @Test func `goes on after the disk was full, and lost nothing`() async throws {
        let folder = TemporaryFolder()
        let child = try CrashChild(folder.path, "limit")
        let lines = child.lines()
        #expect(lines.last?.hasPrefix("done") == true)
        let offsets = lines.dropLast().compactMap { Int64($0.split(separator: " ")[1]) }
        #expect(offsets.count > 10)
        #expect(offsets == Array(0..<Int64(offsets.count)))
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
        let reader = try await JournalReader.open(folder.path, from: [TopicPartition("t", 0): .beginning])
        #expect(try await reader.all().map(\.position.offset) == offsets)
    }
}

/// Appends one after another on a disk that loses power after so many calls; what was acknowledged.
private func writeUntilDark(_ disk: ForgetfulDisk, calls: Int) async -> [Int64] {
    var settings = JournalSettings.quiet
    settings.segmentBytes = 3000
    var acknowledged: [Int64] = []
    do {
        let journal = try await Journal.open("/j", settings, on: disk)
        if journal.describe().isEmpty {
            try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        }
        disk.state.withLock { $0.callsLeft = calls }
        for number in 0..<200 {
            let places = try await journal.append(Append((0..<(1 + number % 4)).map { event("t", 0, $0, bytes: 400) }))
            acknowledged += places.map(\.offset)
        }
        await journal.close()
    } catch {
        return acknowledged
    }
    return acknowledged
}

/// Takes the power away so many times, each after another number of calls, and twice in a row.
private func losePower(_ rounds: Int, someSectorsSurvive: Bool, seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    for calls in 0..<rounds {
        let disk = ForgetfulDisk()
        var acknowledged = await writeUntilDark(disk, calls: calls % 600)
        var survivor = disk.afterPowerLoss(someSectorsSurvive ? SplitMix64(seed: random.next()) : nil)
        let note = Comment(rawValue: "seed \(seed), calls \(calls)")
        // Twice: what recovery made of the first loss must survive the second.
        for round in 0..<2 {
            let journal = try await Journal.open("/j", .quiet, on: survivor)
            let end = try journal.bounds(of: [TopicPartition("t", 0)])[TopicPartition("t", 0)]?.end ?? 0
            #expect(end >= Int64(acknowledged.count), note)
            let reader = try await journal.reader(from: [TopicPartition("t", 0): .beginning])
            #expect(try await reader.all().map(\.position.offset) == Array(0..<end), note)
            if round == 0 {
                let more = try await journal.append(Append([event("t", 0, 1)]))
                acknowledged = Array(0...more[0].offset)
            }
            survivor = survivor.afterPowerLoss(someSectorsSurvive ? SplitMix64(seed: random.next()) : nil)
            await journal.close()
        }
    }
}

@Suite struct `A journal whose machine loses power` {
    /// Take the `sync` out of `WriterThread.write`, or set `ignoresSync`, and this fails.
    @Test(arguments: [false, true])
    func `keeps every acknowledged append`(someSectorsSurvive: Bool) async throws {
        try await losePower(60, someSectorsSurvive: someSectorsSurvive, seed: 42)
    }

    @Test func `would be seen to lose appends if it did not sync`() async throws {
        let disk = ForgetfulDisk(ignoresSync: true)
        let acknowledged = await writeUntilDark(disk, calls: 40)
        #expect(!acknowledged.isEmpty)
        let survivor = disk.afterPowerLoss()
        let end = try? await Journal.open("/j", .quiet, on: survivor).bounds(of: [TopicPartition("t", 0)])
        #expect((end?.values.first?.end ?? 0) < Int64(acknowledged.count))
    }

    @Test func `writes no more after a sync has failed, and opens again with what was acknowledged`() async throws {
        let disk = ForgetfulDisk()
        let journal = try await Journal.open("/j", .quiet, on: disk)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        try await journal.append(Append([event("t", 0, 0)]))
        disk.state.withLock { $0.syncFails = true }
        await #expect(throws: LogError.self) { try await journal.append(Append([event("t", 0, 1)])) }
        disk.state.withLock { $0.syncFails = false }
        let error = await #expect(throws: LogError.self) { try await journal.append(Append([event("t", 0, 2)])) }
        guard case .failed = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try journal.bounds(of: [TopicPartition("t", 0)])[TopicPartition("t", 0)]?.end == 1)
        await journal.close()
        let again = try await Journal.open("/j", .quiet, on: disk)
        #expect(again.recovery.rescuedBatches == 1)
        #expect(try await again.append(Append([event("t", 0, 3)])).first?.offset == 2)
        await again.close()
        // The rescued batch was written again, so a power loss right now keeps it.
        let last = try await Journal.open("/j", .quiet, on: disk.afterPowerLoss())
        #expect(try last.bounds(of: [TopicPartition("t", 0)])[TopicPartition("t", 0)]?.end == 3)
        await last.close()
    }

    @Test func `tells that there is no room, keeps what was acknowledged, and goes on when there is`() async throws {
        let disk = ForgetfulDisk()
        let journal = try await Journal.open("/j", .quiet, on: disk)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        try await journal.append(Append([event("t", 0, 0)]))
        for room in [0, 1, 100, 250] {
            disk.state.withLock { $0.spaceLeft = room }
            let error = await #expect(throws: LogError.self) {
                try await journal.append(Append([event("t", 0, 1, bytes: 900)]))
            }
            guard case .noSpace = error?.reason else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.disposition == .retry)
            disk.state.withLock { $0.spaceLeft = nil }
            try await journal.append(Append([event("t", 0, 2)]))
        }
        #expect(try await journal.reader(from: [TopicPartition("t", 0): .beginning]).all().count == 5)
        await journal.close()
        #expect(try JournalCheck.verify("/j", on: disk).damage.isEmpty)
    }
}
