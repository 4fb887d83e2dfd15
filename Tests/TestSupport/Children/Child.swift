public import Glibc
internal import Synchronization

/// One of our test programs in a process of its own; it lies beside the test's own program.
public final class Child: Sendable {
    public let pid: pid_t
    private let output: Int32
    private let input: Mutex<Int32?>

    /// Started with words of the form `name=value`: see `ChildWords`.
    public init(_ program: String, _ words: [String: String]) throws {
        var own = [CChar](repeating: 0, count: 4096)
        unsafe readlink("/proc/self/exe", &own, own.count - 1)
        let path = String(decoding: own.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var (out, into): ([Int32], [Int32]) = ([0, 0], [0, 0])
        // No other child may hold a pipe open: its end is how each of us learns that the other has ended.
        guard unsafe (pipe(&out), pipe(&into)) == (0, 0) else { throw NeverCame("a pipe") }
        for end in out + into { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, into[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, out[1], 1)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let said = [folder + "/" + program] + words.map { "\($0)=\($1)" }
        var arguments = unsafe said.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let failed = unsafe posix_spawn(&pid, said[0], &actions, nil, &arguments, environ)
        close(out[1])
        close(into[0])
        guard failed == 0 else { throw NeverCame("the start of \(said[0])") }
        self.pid = pid
        output = out[0]
        input = Mutex(into[1])
    }

    deinit { end() }

    /// Its own child, so no other process can have this number before it is waited for.
    public func signal(_ signal: Int32) { _ = Glibc.kill(pid, signal) }

    /// Asks it to end what is in hand.
    public func end() {
        input.withLock { input in
            if let open = input { close(open) }
            input = nil
        }
    }

    /// True when there is something to read, also when that is the end.
    public func hasSpoken(within limit: Duration) -> Bool {
        var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, Int32(limit / .milliseconds(1))) > 0
    }

    /// The next lines up to one with this word.
    public func lines(upTo word: String, within limit: Duration = .seconds(30)) throws -> [String] {
        let lines = try read(within: limit) { $0.contains(word) }
        guard lines.last?.contains(word) == true else {
            throw NeverCame("a child that says '\(word)'; it said \(lines)")
        }
        return lines
    }

    /// All it says until it ends.
    public func lines(within limit: Duration = .seconds(60)) throws -> [String] {
        defer {
            close(output)
            var status: Int32 = 0
            unsafe waitpid(pid, &status, 0)
        }
        do { return try read(within: limit) { _ in false } } catch {
            signal(SIGKILL)
            throw error
        }
    }

    private func read(within limit: Duration, until isLast: (String) -> Bool) throws -> [String] {
        let deadline = ContinuousClock.now + limit
        var (lines, line): ([String], [UInt8]) = ([], [])
        while true {
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left >= 0, unsafe poll(&waiting, 1, Int32(left)) > 0 else {
                signal(SIGKILL)
                throw NeverCame("the end of a child; it said \(lines)")
            }
            var byte: UInt8 = 0
            guard unsafe Glibc.read(output, &byte, 1) == 1 else { return lines }
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            lines.append(String(decoding: line, as: UTF8.self))
            line = []
            if let last = lines.last, isLast(last) { return lines }
        }
    }
}
