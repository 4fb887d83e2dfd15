import Core
import Glibc
import Synchronization
import TestSupport

@testable import Journal

/// A disk in memory that loses power: what was not synced is gone, or only some sectors of it are there.
///
/// Names are there only when their folder was synced.
final class ForgetfulDisk: FileLayer {
    final class Node: Sendable {
        struct Contents {
            var live: [UInt8] = []
            var durable: [UInt8] = []
            /// What was written since the last sync.
            ///
            /// A sync that fails forgets it, as the page cache does: what was written then is never on the disk,
            /// however often it is synced, unless it is written again.
            var dirty: [Range<Int>] = []

            mutating func sync() {
                if durable.count > live.count { durable.removeLast(durable.count - live.count) }
                for range in dirty {
                    let range = range.clamped(to: 0..<live.count)
                    if durable.count < range.upperBound {
                        durable += [UInt8](repeating: 0, count: range.upperBound - durable.count)
                    }
                    durable.replaceSubrange(range, with: live[range])
                }
                dirty = []
            }
        }
        let contents = Mutex(Contents())
    }

    struct State {
        var names: [String: Node] = [:]
        var durableNames: [String: Node] = [:]
        var open: [Int32: Node] = [:]
        var nextDescriptor: Int32 = 100
        var locked: Set<String> = []
        var syncFails = false
        var spaceLeft: Int?
        /// Power goes when so many calls that change something have been made.
        var callsLeft: Int?
    }

    let state = Mutex(State())
    /// For the proof that the tests see a missing sync: then nothing is ever synced.
    let ignoresSync: Bool

    init(ignoresSync: Bool = false) { self.ignoresSync = ignoresSync }

    private func step(_ call: String) throws(FileError) {
        let dark = state.withLock { state in
            guard let left = state.callsLeft else { return false }
            state.callsLeft = left - 1
            return left <= 0
        }
        if dark { throw FileError(call, "power is gone", EIO) }
    }

    /// The disk after a power loss; with a generator, a random part of the sectors not synced made it.
    func afterPowerLoss(_ generator: SplitMix64? = nil) -> ForgetfulDisk {
        var generator = generator
        let next = ForgetfulDisk(ignoresSync: ignoresSync)
        let names = state.withLock { $0.durableNames }
        next.state.withLock { fresh in
            for (name, node) in names {
                let survived = Node()
                let bytes = node.contents.withLock { Self.survivors($0, &generator) }
                survived.contents.withLock { $0 = Node.Contents(live: bytes, durable: bytes) }
                fresh.names[name] = survived
                fresh.durableNames[name] = survived
            }
        }
        return next
    }

    private static func survivors(_ contents: Node.Contents, _ generator: inout SplitMix64?) -> [UInt8] {
        guard var random = generator else { return contents.durable }
        defer { generator = random }
        var bytes = contents.durable
        for sector in stride(from: 0, to: contents.live.count, by: 512) {
            let end = min(sector + 512, contents.live.count)
            if sector + 512 <= bytes.count && bytes[sector..<end] == contents.live[sector..<end] { continue }
            guard Bool.random(using: &random) else { continue }
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(sector..<end, with: contents.live[sector..<end])
        }
        return bytes
    }

    private func node(_ file: Int32) throws(FileError) -> Node {
        guard let node = state.withLock({ $0.open[file] }) else { throw FileError("use", "descriptor \(file)", EBADF) }
        return node
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let file = state.withLock { state -> Int32? in
            if state.names[path] == nil {
                guard case .write = mode else { return nil }
                state.names[path] = Node()
            }
            state.nextDescriptor += 1
            state.open[state.nextDescriptor] = state.names[path]
            return state.nextDescriptor
        }
        guard let file else { throw FileError("open", path, ENOENT) }
        return file
    }

    func close(_ file: Int32) { state.withLock { $0.open[file] = nil } }

    func size(of file: Int32) throws(FileError) -> Int { try node(file).contents.withLock { $0.live.count } }

    func read(_ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int) throws(FileError) -> Int {
        let bytes = try node(file).contents.withLock { contents in
            Array(contents.live.dropFirst(offset).prefix(count))
        }
        block.copy(bytes, to: place)
        return bytes.count
    }

    func write(_ file: Int32, at offset: Int, _ block: Block, _ range: Range<Int>) throws(FileError) {
        try step("pwrite")
        let bytes = block.bytes(range)
        let room = state.withLock { $0.spaceLeft } ?? .max
        // What lies in one sector that is there already is overwritten whole or not at all.
        let overwrites =
            try node(file).contents.withLock { offset + bytes.count <= $0.live.count } && bytes.count <= 512
        let fitting = overwrites && room < bytes.count ? [] : bytes.prefix(room)
        state.withLock { if $0.spaceLeft != nil { $0.spaceLeft = room - fitting.count } }
        try node(file).contents.withLock { contents in
            let end = offset + fitting.count
            if contents.live.count < end { contents.live += [UInt8](repeating: 0, count: end - contents.live.count) }
            contents.live.replaceSubrange(offset..<end, with: fitting)
            contents.dirty.append(offset..<end)
        }
        if fitting.count < bytes.count { throw FileError("pwrite", "descriptor \(file)", ENOSPC) }
    }

    func sync(_ file: Int32) throws(FileError) {
        try step("fdatasync")
        if state.withLock({ $0.syncFails }) {
            try node(file).contents.withLock { $0.dirty = [] }
            throw FileError("fdatasync", "descriptor \(file)", EIO)
        }
        if ignoresSync { return }
        try node(file).contents.withLock { $0.sync() }
    }

    func truncate(_ file: Int32, to size: Int) throws(FileError) {
        try step("ftruncate")
        try node(file).contents.withLock { contents in
            if contents.live.count > size { contents.live.removeLast(contents.live.count - size) }
        }
    }

    func rename(_ path: String, to other: String) throws(FileError) {
        try step("rename")
        state.withLock { $0.names[other] = $0.names.removeValue(forKey: path) }
    }

    func remove(_ path: String) throws(FileError) {
        try step("unlink")
        state.withLock { $0.names[path] = nil }
    }

    func list(_ folder: String) throws(FileError) -> [String] {
        let names = state.withLock { Array($0.names.keys) }
        return names.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
            .filter { !$0.contains("/") }
    }

    func makeFolder(_ path: String) throws(FileError) {}

    func syncFolder(_ path: String) throws(FileError) {
        try step("fsync")
        state.withLock { state in
            let inside = { (name: String) in name.hasPrefix(path + "/") }
            for name in state.durableNames.keys where inside(name) && state.names[name] == nil {
                state.durableNames[name] = nil
            }
            for (name, node) in state.names where inside(name) { state.durableNames[name] = node }
        }
    }

    func lock(_ path: String, note: [UInt8]) throws(LogError) -> Int32 { 99 }
    func isLocked(_ path: String) -> Bool { false }
}
