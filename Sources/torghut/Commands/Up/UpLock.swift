import Glibc

/// One `up` at a time works in a folder; the system lets go when it ends, in whatever way.
@safe final class UpLock: Sendable {
    private let descriptor: Int32

    /// Throws, and says who holds it.
    init(_ folder: UpFolder) throws {
        let path = folder[UpFolder.lockName]
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UpFailure("\(path) cannot be opened: \(TerminalError.text(errno))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = UpFolder.text(of: path)?.split(separator: "\n").first.map(String.init)
            close(descriptor)
            var words = "'torghut up' already runs on \(folder.path)"
            if let holder { words += ", as process \(holder)" }
            if let console = UpCard.read(folder)?.console { words += "; its console: \(console)" }
            throw UpFailure(words + "\nend it with Ctrl-C there, or name another folder: torghut up --data DIR")
        }
        let bytes = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit { close(descriptor) }
}
