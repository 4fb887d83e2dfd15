import Glibc

/// Files as the system gives them; every failure says what was done and to what.
enum DiskFile {
    struct Problem: Error, CustomStringConvertible {
        let what: String
        let code: Int32
        var description: String { unsafe "\(what): \(String(cString: strerror(code)))" }
    }

    /// Makes a folder that only its owner may enter.
    static func makeFolder(_ path: String) throws(Problem) {
        guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw Problem(what: "no folder \(path)", code: errno)
    }

    /// A file to read and to write at its end, made where there is none.
    static func open(_ path: String, empty: Bool = false) throws(Problem) -> Int32 {
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | (empty ? O_TRUNC : 0), 0o600)
        guard file >= 0 else { throw Problem(what: "cannot open \(path)", code: errno) }
        return file
    }

    /// All of a file that somebody else wrote; `nil` when it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        do { return try read(file) } catch { return nil }
    }

    /// False when another process has it.
    static func lock(_ file: Int32) -> Bool { flock(file, LOCK_EX | LOCK_NB) == 0 }

    static func read(_ file: Int32) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe pread(file, &piece, piece.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Problem(what: "cannot read", code: errno) }
            guard count > 0 else { return bytes }
            bytes += piece.prefix(count)
        }
    }

    /// On the disk when it returns.
    static func append(_ bytes: [UInt8], to file: Int32) throws(Problem) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(file, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Problem(what: "cannot write", code: errno) }
            done += count
        }
        try sync(file)
    }

    static func cut(_ file: Int32, to count: Int) throws(Problem) {
        guard ftruncate(file, off_t(count)) == 0 else { throw Problem(what: "cannot cut", code: errno) }
        try sync(file)
    }

    static func sync(_ file: Int32) throws(Problem) {
        guard fsync(file) == 0 else { throw Problem(what: "cannot sync", code: errno) }
    }

    static func rename(_ old: String, to new: String) throws(Problem) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw Problem(what: "cannot rename \(old)", code: errno) }
    }

    /// The names in a folder are on the disk when it returns.
    static func sync(folder: String) throws(Problem) {
        let place = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw Problem(what: "cannot open \(folder)", code: errno) }
        defer { close(place) }
        try sync(place)
    }
}
