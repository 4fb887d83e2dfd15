import Glibc
import Testing

/// A projector in a process of its own; it lies beside the test's own program.
final class ProjectorChild: Sendable {
    let pid: pid_t
    private let output: Int32

    init(_ words: [String: String]) throws {
        var own = [CChar](repeating: 0, count: 4096)
        unsafe readlink("/proc/self/exe", &own, own.count - 1)
        let path = String(decoding: own.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var ends: [Int32] = [0, 0]
        // No other child may hold the pipe open: its end is how we learn that this one has ended.
        try #require(unsafe pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let program = folder + "/projector-child"
        let said = [program] + words.map { "\($0)=\($1)" }
        var arguments = unsafe said.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let failed = unsafe posix_spawn(&pid, program, &actions, nil, &arguments, environ)
        close(ends[1])
        try #require(failed == 0, "cannot start \(program)")
        self.pid = pid
        output = ends[0]
    }

    /// Its own child, so no other process can have this number before it is waited for.
    func signal(_ signal: Int32) { _ = Glibc.kill(pid, signal) }

    /// The next lines up to one with this word.
    func lines(upTo word: String, within limit: Duration = .seconds(30)) throws -> [String] {
        let lines = try read(within: limit) { $0.contains(word) }
        guard lines.last?.contains(word) == true else {
            throw NeverCame(description: "a child that says '\(word)'; it said \(lines)")
        }
        return lines
    }

    /// All it says until it ends.
    func lines(within limit: Duration = .seconds(30)) throws -> [String] {
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
            let left = (deadline - ContinuousClock.now).components.seconds
            guard left >= 0, unsafe poll(&waiting, 1, Int32(left * 1000 + 999)) > 0 else {
                signal(SIGKILL)
                throw NeverCame(description: "the end of a child; it said \(lines)")
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
