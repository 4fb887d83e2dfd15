import Glibc

/// A program in a process group of its own, its output read through a pipe; whatever it started ends with it.
///
/// Its group is killed at its end, and then whatever left the group but still has the run's mark in its environment:
/// the mark says whose a process is, so that a runner that comes back after a kill needs no list of what it started.
/// Only a program that clears its environment and leaves its group outlives a run.
@safe final class LaunchedProcess {
    let group: pid_t
    private let output: Int32
    private var status: Int32?
    private(set) var hasClosedOutput = false

    struct Failure: Error {
        let reason: String
    }

    /// The variable that marks what was started for a run; its value is the run's folder.
    static let mark = "LEAN_LAUNCH_FOLDER"

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
        // Nothing that is open here is open there, whoever opened it: a pipe that is held open has no end, and who waits
        // for the end of the runner waits for it only.
        for file in Self.numbers(in: "/proc/self/fd") where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
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
            unsafe Self.withArguments(
                environment + ["TMPDIR=\(folder)", "\(Self.mark)=\(folder)"]
            ) { variables in
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
    ///
    /// Its group is killed while it is not yet waited for: only so long does the group's number belong to nobody else.
    func ended() -> Int32? {
        if let status { return status }
        var info = unsafe siginfo_t()
        guard unsafe waitid(P_PID, id_t(group), &info, WEXITED | WNOHANG | WNOWAIT) == 0,
            unsafe info.si_signo == SIGCHLD
        else { return nil }
        end()
        return status
    }

    private static func code(_ raw: Int32) -> Int32 {
        let signal = raw & 0x7f
        return signal == 0 ? (raw >> 8) & 0xff : -signal
    }

    /// Ends everything in the group at once, and waits for the program itself.
    func end() {
        guard status == nil else { return }
        kill(-group, SIGKILL)
        var raw: Int32 = 0
        while unsafe waitpid(group, &raw, 0) < 0, errno == EINTR {}
        status = Self.code(raw)
    }

    /// Looks again so often while it still finds something: what starts others is ended before it can go on for long.
    private static let maximumLooks = 100

    /// Ends everything that was started for a launch in this folder, or below it.
    static func endAll(in folder: String) {
        let mark = Array("\(mark)=\(folder)".utf8)
        for _ in 0..<maximumLooks {
            let found = numbers(in: "/proc").filter { isMarked($0, mark) }
            guard !found.isEmpty else { return }
            for id in found { kill(id, SIGKILL) }
            usleep(1_000)
        }
    }

    /// Processes in `/proc`, open files in `/proc/self/fd`.
    private static func numbers(in folder: String) -> [Int32] {
        guard let listing = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(listing) }
        var found: [Int32] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if let number = Int32(name), number > 1 { found.append(number) }
        }
        return found
    }

    /// Of what has ended, and of what is somebody else's, there is no environment to read.
    private static func isMarked(_ id: pid_t, _ mark: [UInt8]) -> Bool {
        guard let file = unsafe fopen("/proc/\(id)/environ", "r") else { return false }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256 << 10)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return bytes[..<count].split(separator: 0).contains { variable in
            variable.starts(with: mark) && (variable.count == mark.count || variable.dropFirst(mark.count).first == 47)
        }
    }
}
