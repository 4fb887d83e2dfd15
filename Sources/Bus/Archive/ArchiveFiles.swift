internal import Core
internal import Glibc

/// One file of an archive, open for writing; closed when its owner goes.
@safe struct ArchiveOutput: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Makes the file anew: what an interrupted export left under this name is gone.
    init(creating path: String) throws(LogError) {
        self.path = path
        descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .archiveFile("create", path, errno) }
    }

    deinit { Glibc.close(descriptor) }

    func write(_ bytes: ArraySlice<UInt8>) throws(LogError) {
        var rest = bytes
        while !rest.isEmpty {
            // Safe: the pointer is used only inside the call.
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .archiveFile("write", path, errno) }
            rest = rest.dropFirst(written)
        }
    }

    func sync() throws(LogError) {
        guard fsync(descriptor) == 0 else { throw .archiveFile("sync", path, errno) }
    }
}

/// One file of an archive, open for reading from its start.
@safe struct ArchiveInput: ~Copyable {
    let path: String
    private let descriptor: Int32

    init(opening path: String) throws(LogError) {
        self.path = path
        descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .archiveFile("open", path, errno) }
    }

    deinit { Glibc.close(descriptor) }

    /// The next bytes, at most `limit`; empty at the end.
    func read(limit: Int) throws(LogError) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, limit)
                failure = got < 0 ? errno : 0
                count = max(got, 0)
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw .archiveFile("read", path, failure) }
            return bytes
        }
    }

    func readAll() throws(LogError) -> [UInt8] {
        var whole: [UInt8] = []
        while true {
            let piece = try read(limit: 1 << 20)
            if piece.isEmpty { return whole }
            whole += piece
        }
    }
}

/// The folder's names: made, renamed, synced and removed, each step durable before the next one counts on it.
enum ArchiveNames {
    static let temporarySuffix = ".part"

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func makeFolder(_ path: String) throws(LogError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw .archiveFile("make folder", made, errno)
            }
        }
    }

    /// Puts a finished file under its name; after the folder's sync the name survives a power loss.
    static func rename(_ temporary: String, to path: String) throws(LogError) {
        guard unsafe Glibc.rename(temporary, path) == 0 else { throw .archiveFile("rename", temporary, errno) }
        try syncFolder(of: path)
    }

    static func writeWhole(_ bytes: [UInt8], to path: String) throws(LogError) {
        let file = try ArchiveOutput(creating: path + temporarySuffix)
        try file.write(bytes[...])
        try file.sync()
        try rename(path + temporarySuffix, to: path)
    }

    static func syncFolder(of path: String) throws(LogError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = unsafe Glibc.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .archiveFile("open", folder, errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .archiveFile("sync", folder, errno) }
    }
}

extension LogError {
    /// A system call on a file of an archive failed.
    static func archiveFile(_ what: String, _ path: String, _ code: Int32) -> LogError {
        let text = unsafe "cannot \(what) \(path): \(String(cString: strerror(code)))"
        return LogError(.archive, code == ENOSPC || code == EDQUOT || code == EFBIG ? .noSpace(text) : .failed(text))
    }

    /// A file of an archive is not what its manifest says.
    static func archiveDamaged(_ path: String, _ check: String) -> LogError {
        LogError(.archive, .failed("archive file \(path) is damaged: \(check)"))
    }
}
