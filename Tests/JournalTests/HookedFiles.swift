import Core
import Dispatch
import Synchronization

@testable import Journal

/// The machine's disk, with something that happens just before one file is opened, and a page cache that holds what
/// the test says.
final class HookedFiles: FileLayer {
    private let disk = SystemFiles()
    private let hook = Mutex<(path: String, work: @Sendable () async -> Void)?>(nil)
    /// How many of so many bytes lie in memory; `nil` for none.
    private let cached: @Sendable (Int) -> Int?
    private let bytes = Atomic(0)
    /// How many bytes were read from the disk.
    var bytesRead: Int { bytes.load(ordering: .relaxed) }

    init(cached: @escaping @Sendable (Int) -> Int? = { $0 }) { self.cached = cached }

    /// Once, at the next opening of this file.
    func before(opening path: String, _ work: @escaping @Sendable () async -> Void) {
        hook.withLock { $0 = (path, work) }
    }

    var isDone: Bool { hook.withLock { $0 == nil } }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let due = hook.withLock { hook in
            guard hook?.path == path else { return nil as (@Sendable () async -> Void)? }
            return hook.take()?.work
        }
        if let due {
            let done = DispatchSemaphore(value: 0)
            Task {
                await due()
                done.signal()
            }
            done.wait()
        }
        return try disk.open(path, mode)
    }

    func readCached(
        _ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int
    ) throws(FileError) -> Int? {
        guard let held = cached(count) else { return nil }
        return try disk.readCached(file, at: offset, into: block, place, count: min(held, count))
    }

    func close(_ file: Int32) { disk.close(file) }
    func size(of file: Int32) throws(FileError) -> Int { try disk.size(of: file) }
    func read(_ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int) throws(FileError) -> Int {
        let count = try disk.read(file, at: offset, into: block, place, count: count)
        bytes.add(count, ordering: .relaxed)
        return count
    }
    func write(_ file: Int32, at offset: Int, _ block: Block, _ range: Range<Int>) throws(FileError) {
        try disk.write(file, at: offset, block, range)
    }
    func sync(_ file: Int32) throws(FileError) { try disk.sync(file) }
    func truncate(_ file: Int32, to size: Int) throws(FileError) { try disk.truncate(file, to: size) }
    func rename(_ path: String, to other: String) throws(FileError) { try disk.rename(path, to: other) }
    func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    func list(_ folder: String) throws(FileError) -> [String] { try disk.list(folder) }
    func makeFolder(_ path: String) throws(FileError) { try disk.makeFolder(path) }
    func syncFolder(_ path: String) throws(FileError) { try disk.syncFolder(path) }
    func lock(_ path: String, note: [UInt8]) throws(LogError) -> Int32 { try disk.lock(path, note: note) }
    func isLocked(_ path: String) -> Bool { disk.isLocked(path) }
}
