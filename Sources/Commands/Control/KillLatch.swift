internal import Core
internal import Domain
internal import Glibc

/// The stop that needs this machine and nothing else: as long as the file `KILL` lies in the data folder, no submit and
/// no replace leaves.
///
/// That the file is there is the stop; what stands in it only says who, why and when. Whatever cannot be looked at
/// counts as engaged. Only `release` removes it, and only what its caller has seen.
public struct KillLatch: Sendable {
    public static let fileName = "KILL"

    public let folder: String
    public let path: String

    public init(dataFolder: String) {
        folder = dataFolder
        path = "\(dataFolder)/\(Self.fileName)"
    }

    /// Two looks at the disk's names and no read: cheap enough to be asked before every order.
    public var isEngaged: Bool {
        var found = stat()
        if unsafe lstat(path, &found) == 0 { return true }
        guard errno == ENOENT else { return true }
        // In a folder that is gone the file may have been.
        return unsafe stat(folder, &found) != 0 || found.st_mode & S_IFMT != S_IFDIR
    }

    /// What stops a process without the log, to be asked anew each time.
    public func reading(environment isEngagedByEnvironment: Bool) -> LocalStopReading {
        { LocalStop(latchFile: isEngaged, environment: isEngagedByEnvironment) }
    }

    /// The latch as somebody saw it; another one, or one more note, is another sight.
    public struct Sight: Sendable, Equatable {
        /// Oldest first; never empty.
        public let notes: [KillNote]
        let inode: UInt64
        let bytes: [UInt8]
    }

    /// `nil` when there is no file.
    public func look() throws(KillLatchError) -> Sight? {
        guard let found = try LatchFile.read(path) else { return nil }
        let lines = found.bytes.split(separator: UInt8(ascii: "\n"))
        let notes = lines.compactMap(KillNote.init(line:))
        let isWhole = notes.count == lines.count && !notes.isEmpty
        let unsigned = KillNote.unsigned(path, inode: found.inode, changedAt: found.changedAt)
        return Sight(notes: isWhole ? notes : notes + [unsigned], inode: found.inode, bytes: found.bytes)
    }

    /// What an engagement left on the disk.
    public struct Engagement: Sendable, Equatable {
        /// Whether the file says who, why and when; without room for that it is there all the same.
        public var isSigned = true
        /// Whether it survives a power cut.
        public var isDurable = true
    }

    /// How often it is tried again when somebody removes the latch meanwhile.
    static let maximumTries = 8

    /// Makes the file, or adds a note to the one that is there; the stop holds when this returns.
    public func engage(_ note: KillNote) throws(KillLatchError) -> Engagement {
        try LatchFile.makeFolder(folder)
        // A release holds the lock for a moment only; a stop waits no longer than that for anybody.
        let lock = LatchLock(folder, patience: .milliseconds(100))
        defer { lock.release() }
        for _ in 0..<Self.maximumTries {
            switch LatchFile.create(path, note.line, in: folder) {
            case .made: return Engagement(isDurable: LatchFile.syncFolder(folder))
            case .exists:
                guard let isSigned = LatchFile.append(note.line, to: path) else { continue }
                return Engagement(isSigned: isSigned, isDurable: isSigned && LatchFile.syncFolder(folder))
            case .failed(let failure):
                // An empty file needs no room, and stops as well.
                guard LatchFile.touch(path) else { throw failure }
                return Engagement(isSigned: false, isDurable: LatchFile.syncFolder(folder))
            }
        }
        throw KillLatchError("make", path, EBUSY)
    }

    /// Removes the latch that was seen; `false` when another one is there by now, which then stays.
    ///
    /// Where the removal does not survive a power cut the latch is there again: that is the safe side.
    public func release(_ seen: Sight) throws(KillLatchError) -> Bool {
        let lock = LatchLock(folder, patience: .seconds(2))
        defer { lock.release() }
        guard lock.isHeld else { throw KillLatchError("lock", folder, EWOULDBLOCK) }
        guard try look() == seen else { return false }
        guard unsafe unlink(path) == 0 else { throw KillLatchError("remove", path, errno) }
        _ = LatchFile.syncFolder(folder)
        return true
    }
}

/// The latch could not be made, read or removed.
public struct KillLatchError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ what: String, _ path: String, _ code: Int32) {
        description = unsafe "cannot \(what) \(path): \(String(cString: strerror(code)))"
    }
}
