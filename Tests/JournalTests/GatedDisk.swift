import Core
import Glibc
import Synchronization

@testable import Journal

/// The machine's disk, whose syncs wait while a gate is shut.
struct GatedDisk: FileLayer {
    private final class Gate: Sendable {
        let isShut = Mutex(false)
        let holds = Atomic(false)
    }

    private let disk = SystemFiles()
    private let gate = Gate()

    /// A sync has come to the gate while it was shut.
    var holdsOne: Bool { gate.holds.load(ordering: .acquiring) }

    func shut(_ shut: Bool) { gate.isShut.withLock { $0 = shut } }

    func sync(_ file: Int32) throws(FileError) {
        while gate.isShut.withLock({ $0 }) {
            gate.holds.store(true, ordering: .releasing)
            usleep(1_000)
        }
        gate.holds.store(false, ordering: .releasing)
        try disk.sync(file)
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 { try disk.open(path, mode) }
    func close(_ file: Int32) { disk.close(file) }
    func size(of file: Int32) throws(FileError) -> Int { try disk.size(of: file) }
    func read(_ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int) throws(FileError) -> Int {
        try disk.read(file, at: offset, into: block, place, count: count)
    }
    func write(_ file: Int32, at offset: Int, _ block: Block, _ range: Range<Int>) throws(FileError) {
        try disk.write(file, at: offset, block, range)
    }
    func truncate(_ file: Int32, to size: Int) throws(FileError) { try disk.truncate(file, to: size) }
    func rename(_ path: String, to other: String) throws(FileError) { try disk.rename(path, to: other) }
    func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    func list(_ folder: String) throws(FileError) -> [String] { try disk.list(folder) }
    func makeFolder(_ path: String) throws(FileError) { try disk.makeFolder(path) }
    func syncFolder(_ path: String) throws(FileError) { try disk.syncFolder(path) }
    func lock(_ path: String, note: [UInt8]) throws(LogError) -> Int32 { try disk.lock(path, note: note) }
    func isLocked(_ path: String) -> Bool { disk.isLocked(path) }
}
