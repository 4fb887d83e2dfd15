import Core
import Dispatch
import Glibc
import Synchronization
import Threading

/// A program that `up` started: in a process group of its own, so that Ctrl-C reaches `up` alone, and with an input whose
/// end tells it that `up` is gone, in whatever way.
@safe final class UpChild: Sendable {
    struct Order: Sendable {
        let name: String
        let program: String
        var arguments: [String]
        var environment: [String: String]
        /// Kept open for the lines it prints after the first.
        let log: UpLogFile
    }

    private struct State {
        var status: Int32?
        var input: Int32?
        var lines: [[UInt8]] = []
    }

    let name: String
    let pid: pid_t
    private let log: UpLogFile
    private let state: Mutex<State>
    private let changes = Arrivals()

    init(_ order: Order) throws {
        name = order.name
        log = order.log
        let (input, output, errors) = (try Self.pipe(), try Self.pipe(), try Self.pipe())
        let started = Self.spawning.withLock { _ in
            Self.closeInChildren()
            return Self.spawn(order, input.reading, output.writing, errors.writing)
        }
        for end in [input.reading, output.writing, errors.writing] { close(end) }
        switch started {
        case .success(let pid): self.pid = pid
        case .failure(let failure):
            for end in [input.writing, output.reading, errors.reading] { close(end) }
            throw failure
        }
        state = Mutex(State(input: input.writing))
        // Threads of their own: reading and waiting block, and end with the program.
        Self.aside("\(name) output") { [self] in Self.pump(output.reading) { take($0) } }
        Self.aside("\(name) errors") { [log] in Self.pump(errors.reading) { log.write($0) } }
        Self.aside("\(name) end") { [self] in wait() }
    }

    var isRunning: Bool { state.withLock { $0.status == nil } }

    /// The first line it prints; throws when it ends before, or is too slow.
    func firstLine(within limit: Duration) async throws -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = changes.count
            let (line, status) = state.withLock { ($0.lines.first, $0.status) }
            if let line { return line }
            if let status { throw UpFailure("\(name) \(Self.words(status))\(said)") }
            guard ContinuousClock.now < deadline else {
                throw UpFailure("\(name) said nothing within \(limit)\(said)")
            }
            try Task.checkCancellation()
            await changes.wait(after: seen, until: deadline)
        }
    }

    /// How it ended: its exit code, or minus the signal.
    func ended() async throws -> Int32 {
        while true {
            try Task.checkCancellation()
            let seen = changes.count
            if let status = state.withLock(\.status) { return status }
            await changes.wait(after: seen, until: .now + .seconds(60))
        }
    }

    /// Whether it has ended by then.
    func ends(by deadline: ContinuousClock.Instant) async -> Bool {
        while true {
            let seen = changes.count
            if !isRunning { return true }
            guard ContinuousClock.now < deadline else { return false }
            await changes.wait(after: seen, until: deadline)
        }
    }

    /// Asks it to end what is in hand: its input ends.
    func end() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    /// Only while nobody has waited for it does its number belong to nobody else.
    func signal(_ number: Int32) {
        state.withLock { if $0.status == nil { _ = kill(pid, number) } }
    }

    /// Its last words, when it has any.
    var said: String {
        let lines = log.lastLines(3)
        return lines.isEmpty ? "" : ": " + lines.joined(separator: " | ")
    }

    static func words(_ status: Int32) -> String {
        status >= 0 ? "ended with exit code \(status)" : "was ended by signal \(-status)"
    }

    private func take(_ bytes: [UInt8]) {
        // The first line is the answer that somebody waits for; the rest is for the log.
        let isFirst = state.withLock { state in
            guard state.lines.count < Self.maximumLines else { return false }
            state.lines.append(bytes)
            return true
        }
        if isFirst { changes.wake() } else { log.write(bytes) }
    }

    private static let maximumLines = 1

    private func wait() {
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        state.withLock { state in
            var raw: Int32 = 0
            while unsafe waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let signal = raw & 0x7f
            state.status = signal == 0 ? (raw >> 8) & 0xff : -signal
            if let input = state.input { close(input) }
            state.input = nil
        }
        changes.wake()
    }
}

extension UpChild {
    private static func aside(_ label: String, _ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: label).async(execute: body)
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else {
            throw UpFailure("the system gives no pipe: \(TerminalError.text(errno))")
        }
        return (ends[0], ends[1])
    }

    /// One start at a time: no child may hold another one's pipe.
    private static let spawning = Mutex<Void>(())

    /// Nothing that is open here is open there: a port that is held open stays taken, and a pipe that is held has no end.
    private static func closeInChildren() {
        guard let listing = unsafe opendir("/proc/self/fd") else { return }
        defer { unsafe closedir(listing) }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if let file = Int32(name), file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// Whole lines, as they come.
    private static func pump(_ descriptor: Int32, _ take: ([UInt8]) -> Void) {
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += piece[..<count]
            // A line without an end does not grow for ever.
            guard let end = rest.lastIndex(of: 10) ?? (rest.count > 1 << 20 ? rest.indices.last : nil) else { continue }
            for line in rest[...end].split(separator: 10) { take(Array(line) + [10]) }
            rest.removeSubrange(...end)
        }
        if !rest.isEmpty { take(rest + [10]) }
    }

    private static func spawn(
        _ order: Order, _ input: Int32, _ output: Int32, _ errors: Int32
    ) -> Result<pid_t, UpFailure> {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (end, number) in [(input, Int32(0)), (output, 1), (errors, 2)] {
            unsafe posix_spawn_file_actions_adddup2(&actions, end, number)
        }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        var arguments = unsafe ([order.program] + order.arguments).map { unsafe strdup($0) } + [nil]
        let settings = order.environment.sorted { $0.key < $1.key }
        var variables = unsafe settings.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var pid = pid_t()
        let code = unsafe posix_spawn(&pid, order.program, &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            return .failure(UpFailure("\(order.name) could not be started: \(TerminalError.text(code))"))
        }
        return .success(pid)
    }
}
