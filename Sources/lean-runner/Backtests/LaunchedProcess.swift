import Glibc

/// A program in a process group of its own, its output read through a pipe; whatever it started ends with it.
@safe final class LaunchedProcess {
    let group: pid_t
    private let output: Int32
    private var status: Int32?
    private(set) var hasClosedOutput = false

    struct Failure: Error {
        let reason: String
    }

    /// Starts it in `folder` with no input, the given environment, and no file it writes larger than the limit.
    init(
        _ command: [String], in folder: String, environment: [String], largestFile: Int64
    ) throws(Failure) {
        // The shell goes where the system's call for starting programs cannot, sets its limit, and becomes the program.
        let blocks = max(1, largestFile / 512)
        let script = "cd \"$0\" && ulimit -f \(blocks) && exec \"$@\""
        let words = ["/bin/sh", "-c", script, folder] + command
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(reason: "the system gives no pipe") }
        // Nobody else who is started meanwhile may hold the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // What the runner ignores, the program shall not: a limit that is reached ends it.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe sigaddset(&signals, SIGXFSZ)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        let code = unsafe Self.withArguments(words) { arguments in
            unsafe Self.withArguments(environment) { variables in
                unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, variables)
            }
        }
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw Failure(reason: "it could not be started: \(unsafe String(cString: strerror(code)))")
        }
        group = child
        output = ends[0]
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
    }

    deinit {
        end()
        close(output)
    }

    private static func withArguments<Result>(
        _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for index in 0..<words.count { unsafe free(copies[index]) } }
        return unsafe copies.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { fatalError("a list that ends with nothing is never empty") }
            return unsafe body(base)
        }
    }

    /// Waits for output at most so long and adds what there is.
    func read(into bytes: inout [UInt8], waiting milliseconds: Int32) {
        guard !hasClosedOutput else {
            usleep(UInt32(milliseconds) * 1_000)
            return
        }
        var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, milliseconds) > 0 else { return }
        drain(into: &bytes, atMost: 1 << 20)
    }

    /// What is in the pipe now.
    func drain(into bytes: inout [UInt8], atMost limit: Int) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var taken = 0
        while taken < limit {
            let count = unsafe Glibc.read(output, &chunk, chunk.count)
            guard count > 0 else {
                if count == 0 { hasClosedOutput = true }
                return
            }
            bytes.append(contentsOf: chunk[..<count])
            taken += count
        }
    }

    /// How the program itself ended, `nil` while it has not: its exit code, or minus the signal.
    func ended() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        guard unsafe waitpid(group, &raw, WNOHANG) == group else { return nil }
        status = Self.code(raw)
        return status
    }

    private static func code(_ raw: Int32) -> Int32 {
        let signal = raw & 0x7f
        return signal == 0 ? (raw >> 8) & 0xff : -signal
    }

    /// Ends everything in the group at once, and waits for the program itself.
    func end() {
        kill(-group, SIGKILL)
        guard status == nil else { return }
        var raw: Int32 = 0
        while unsafe waitpid(group, &raw, 0) < 0, errno == EINTR {}
        status = Self.code(raw)
    }

    /// Ends what a runner that was killed left behind, when that really is it: the run's folder is in its command.
    static func endLeftover(_ group: Int64, of folder: String) {
        guard let id = pid_t(exactly: group), id > 1,
            let bytes = Environment.file("/proc/\(id)/cmdline"), bytes.contains(folder)
        else { return }
        kill(-id, SIGKILL)
    }
}
