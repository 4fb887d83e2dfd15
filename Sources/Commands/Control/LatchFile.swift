internal import Core
internal import Glibc
internal import Synchronization

/// The system calls under the latch: whole or not at all, and synced before they are believed.
enum LatchFile {
    /// More than this of a latch is not read: it stops all the same.
    static let maximumBytes = 1 << 20
    /// Tells temporary files of one process apart.
    private static let made = Atomic<UInt64>(0)

    enum Creation {
        case made
        case exists
        case failed(KillLatchError)
    }

    /// Puts a whole, synced file under the name, unless one is there.
    static func create(_ path: String, _ bytes: [UInt8], in folder: String) -> Creation {
        let number = made.wrappingAdd(1, ordering: .relaxed).newValue
        let temporary = "\(folder)/.KILL.\(getpid()).\(number)"
        defer { unsafe unlink(temporary) }
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return .failed(KillLatchError("create", temporary, errno)) }
        defer { close(file) }
        guard write(bytes, to: file), fsync(file) == 0 else {
            return .failed(KillLatchError("write", temporary, errno))
        }
        if unsafe link(temporary, path) == 0 { return .made }
        return errno == EEXIST ? .exists : .failed(KillLatchError("make", path, errno))
    }

    /// Adds a line to the file that is there.
    ///
    /// `nil` when it has gone meanwhile; `false` when it is there and takes no line.
    static func append(_ line: [UInt8], to path: String) -> Bool? {
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return errno == ENOENT ? nil : false }
        defer { close(file) }
        // The line before it may have been torn.
        guard write([UInt8(ascii: "\n")] + line, to: file), fsync(file) == 0 else { return false }
        var (mine, there) = (stat(), stat())
        guard unsafe fstat(file, &mine) == 0, unsafe lstat(path, &there) == 0 else { return nil }
        return mine.st_ino == there.st_ino ? true : nil
    }

    /// Makes an empty file, or finds one.
    static func touch(_ path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard file >= 0 else { return errno == EISDIR || errno == ENXIO }
        close(file)
        return true
    }

    struct Found {
        let inode: UInt64
        let changedAt: Timestamp
        /// Empty when what is there cannot be read.
        let bytes: [UInt8]
    }

    static func read(_ path: String) throws(KillLatchError) -> Found? {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else {
            guard errno == ENOENT else { throw KillLatchError("look at", path, errno) }
            return nil
        }
        let changed = Timestamp(
            nanoseconds: Int64(found.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(found.st_mtim.tv_nsec))
        return Found(inode: UInt64(found.st_ino), changedAt: changed, bytes: bytes(of: path))
    }

    private static func bytes(of path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var whole: [UInt8] = []
        while whole.count < maximumBytes {
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                count = unsafe max(Glibc.read(file, buffer.baseAddress, buffer.count), 0)
            }
            if piece.isEmpty { break }
            whole += piece
        }
        return whole
    }

    static func makeFolder(_ path: String) throws(KillLatchError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw KillLatchError("make folder", made, errno)
            }
        }
    }

    static func syncFolder(_ folder: String) -> Bool {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Safe: the pointer is used only inside the call.
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// Keeps a release and an engagement apart; the kernel drops it when its holder dies.
struct LatchLock {
    private let descriptor: Int32
    let isHeld: Bool

    init(_ folder: String, patience: Duration) {
        descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        var isHeld = false
        let deadline = ContinuousClock.now + patience
        while descriptor >= 0 {
            isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
            if isHeld || ContinuousClock.now >= deadline { break }
            usleep(1_000)
        }
        self.isHeld = isHeld
    }

    func release() { if descriptor >= 0 { close(descriptor) } }
}
