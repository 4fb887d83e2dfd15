internal import Core
public import Domain
internal import Glibc

/// Where snapshots lie: one file for each fold, replaced as a whole.
///
/// A snapshot saves time and nothing else: one that is missing or doubtful costs a fold of the log.
public struct SnapshotStore: Sendable {
    public let folder: String
    /// Which log the states are folds of.
    public let logID: String

    public init(folder: String, logID: String) {
        self.folder = folder
        self.logID = logID
    }

    /// Writes the state as a whole or not at all; `condition` names settings without which it is no use.
    public func save<State: Snapshot>(
        _ state: State, at vector: FoldVector, as name: String, condition: String = ""
    ) throws(SnapshotRefusal) {
        let identity = try SnapshotFile.Identity(fold: State.foldName, log: logID, condition: condition)
        let bytes = try SnapshotFile(identity, at: vector, state: state.snapshot).encoded()
        guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw failure("make", folder) }
        let draft = "\(folder)/.\(name).\(getpid()).new"
        do throws(SnapshotRefusal) {
            try write(bytes, to: draft)
            guard unsafe rename(draft, path(of: name)) == 0 else { throw failure("rename", draft) }
        } catch {
            unsafe unlink(draft)
            throw error
        }
        try sync(folder, O_RDONLY | O_DIRECTORY)
    }

    /// The state that was saved, if it is the state of this fold; `nil` when there is no file.
    public func load<State: Snapshot>(
        _ type: State.Type, _ name: String, condition: String = ""
    ) throws(SnapshotRefusal) -> (state: State, vector: FoldVector)? {
        guard let bytes = try read(path(of: name)) else { return nil }
        let file = try SnapshotFile(decoding: bytes)
        guard file.identity == (try SnapshotFile.Identity(fold: State.foldName, log: logID, condition: condition))
        else { throw SnapshotRefusal("it is of another fold, another log or other settings") }
        do throws(StateFault) { return (try State(snapshot: file.state), file.vector) } catch {
            throw SnapshotRefusal(error.description)
        }
    }

    public func path(of name: String) -> String { "\(folder)/\(name).snapshot" }

    private func write(_ bytes: [UInt8], to path: String) throws(SnapshotRefusal) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            // Safe: the bytes live during the call.
            let count = unsafe bytes.withUnsafeBytes { source in
                unsafe Glibc.write(descriptor, source.baseAddress.map { unsafe $0 + done }, source.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            done += count
        }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// A renamed file is there after a power loss once its folder is on the disk.
    private func sync(_ path: String, _ flags: Int32) throws(SnapshotRefusal) {
        let descriptor = unsafe open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    private func read(_ path: String) throws(SnapshotRefusal) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("look at", path) }
        guard status.st_size <= SnapshotFile.maximumStateBytes + SnapshotFile.maximumStateBytes / 8 else {
            throw SnapshotRefusal("it has \(status.st_size) bytes, more than any state")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let left = bytes.count - done
            // Safe: the room lives during the call.
            let count = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe Glibc.read(descriptor, room.baseAddress.map { unsafe $0 + done }, left)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw count == 0 ? SnapshotRefusal("it is cut short") : failure("read", path) }
            done += count
        }
        return bytes
    }

    private func failure(_ what: String, _ path: String) -> SnapshotRefusal {
        SnapshotRefusal("cannot \(what) \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
