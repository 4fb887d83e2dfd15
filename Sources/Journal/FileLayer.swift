package import Core
internal import Glibc

/// What a file call answered when it failed.
package struct FileError: Error, Equatable {
    package let call: String
    package let path: String
    package let code: Int32

    package init(_ call: String, _ path: String, _ code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// No room now, perhaps room later: disk full, over quota, or over the process's file size limit.
    package var isNoSpace: Bool { code == ENOSPC || code == EFBIG || code == EDQUOT }

    package var text: String {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(call) \(path): \(reason)"
    }

    package func during(_ operation: LogError.Operation) -> LogError {
        if isNoSpace { return LogError(operation, .noSpace(text)) }
        if code == EACCES || code == EPERM || code == EROFS { return LogError(operation, .refused(text)) }
        return LogError(operation, .failed(text))
    }
}

package enum FileMode: Sendable {
    case read
    /// Reads and writes, and makes the file when it is not there.
    case write
}

/// Every file call of the journal goes through here, so that tests can put a disk of their own below it: one that
/// forgets what was not synced, or one that is full.
package protocol FileLayer: Sendable {
    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32
    func close(_ file: Int32)
    func size(of file: Int32) throws(FileError) -> Int
    /// As many bytes as there are, up to `count`.
    func read(_ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int) throws(FileError) -> Int
    /// As many of the bytes as lie in memory already, or `nil` when the disk would have to be waited for.
    func readCached(
        _ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int
    ) throws(FileError) -> Int?
    /// All bytes of the range, or an error; then some of them may be written.
    func write(_ file: Int32, at offset: Int, _ block: Block, _ range: Range<Int>) throws(FileError)
    func sync(_ file: Int32) throws(FileError)
    func truncate(_ file: Int32, to size: Int) throws(FileError)
    func rename(_ path: String, to other: String) throws(FileError)
    func remove(_ path: String) throws(FileError)
    func list(_ folder: String) throws(FileError) -> [String]
    func makeFolder(_ path: String) throws(FileError)
    /// Makes names in a folder (created, renamed, removed) survive a power loss.
    func syncFolder(_ path: String) throws(FileError)
    /// Takes the lock of a journal and leaves a note in it; refused with the holder's note.
    func lock(_ path: String, note: [UInt8]) throws(LogError) -> Int32
    /// Whether some process holds the lock now.
    func isLocked(_ path: String) -> Bool
}

extension FileLayer {
    /// A layer that cannot tell is always waited for.
    package func readCached(
        _ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int
    ) throws(FileError) -> Int? { nil }

    /// The whole of a small file, or `nil` when there is none.
    package func contents(of path: String, limit: Int) throws(LogError) -> [UInt8]? {
        let file: Int32
        do { file = try open(path, .read) } catch {
            if error.code == ENOENT { return nil }
            throw error.during(.open)
        }
        defer { close(file) }
        do throws(FileError) {
            let size = try size(of: file)
            // One byte more than the limit is enough to see that it is too long.
            let block = Block(capacity: min(size, limit + 1))
            let got = try read(file, at: 0, into: block, 0, count: min(size, limit + 1))
            return block.bytes(0..<got)
        } catch { throw error.during(.open) }
    }

    /// Puts a file in the place of another so that after a crash it is the old one or the new one.
    package func replace(_ path: String, with bytes: [UInt8], in folder: String) throws(FileError) {
        let temporary = path + ".tmp"
        try put(bytes, into: temporary)
        try rename(temporary, to: path)
        try syncFolder(folder)
    }

    private func put(_ bytes: [UInt8], into path: String) throws(FileError) {
        let file = try open(path, .write)
        defer { close(file) }
        try truncate(file, to: 0)
        try write(file, at: 0, Block(bytes), 0..<bytes.count)
        try sync(file)
    }
}
