import Glibc
import RouterTestSupport
import Testing

/// A router in a process of its own; it lies beside the test's own program.
final class RouterChild: Sendable {
    let pid: pid_t
    private let output: Int32
    private let input: Int32

    struct NeverCame: Error, CustomStringConvertible {
        let description: String
    }

    init(_ router: RouterWords, journal: String, _ more: [String: String] = [:]) throws {
        var own = [CChar](repeating: 0, count: 4096)
        unsafe readlink("/proc/self/exe", &own, own.count - 1)
        let path = String(decoding: own.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var (out, into): ([Int32], [Int32]) = ([0, 0], [0, 0])
        // No other child may hold a pipe open: its end is how each of us learns that the other has ended.
        let made = unsafe (pipe(&out), pipe(&into))
        try #require(made == (0, 0))
        for end in out + into { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, into[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, out[1], 1)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let program = folder + "/router-child"
        let words = router.arguments.merging(["journal": journal]) { $1 }.merging(more) { $1 }
        let said = [program] + words.map { "\($0)=\($1)" }
        var arguments = unsafe said.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let failed = unsafe posix_spawn(&pid, program, &actions, nil, &arguments, environ)
        close(out[1])
        close(into[0])
        try #require(failed == 0, "cannot start \(program)")
        self.pid = pid
        (output, input) = (out[0], into[1])
    }

    /// Its own child, so no other process can have this number before it is waited for.
    func signal(_ signal: Int32) { _ = Glibc.kill(pid, signal) }

    /// Asks it to end what is in hand.
    func end() { close(input) }

    /// The next lines up to one with this word.
    func lines(upTo word: String, within limit: Duration = .seconds(30)) throws -> [String] {
        let lines = try read(within: limit) { $0.contains(word) }
        guard lines.last?.contains(word) == true else {
            throw NeverCame(description: "a child that says '\(word)'; it said \(lines)")
        }
        return lines
    }

    /// All it says until it ends.
    func lines(within limit: Duration = .seconds(60)) throws -> [String] {
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
