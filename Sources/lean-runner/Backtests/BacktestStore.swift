import Backtesting
import Core
import Digest
import Glibc
import JSON

/// The folder of runs: `RUN/state.json` and its artifacts, each written beside its name and then put in place.
///
/// A file that is there is whole: content is on the disk before the name is, and the name before anybody is told.
struct BacktestStore: Sendable {
    /// The disk did not take or give a file.
    struct Failure: Error, Sendable, CustomStringConvertible {
        let description: String

        init(_ doing: String, _ path: String, _ code: Int32 = errno) {
            description = "\(doing) \(path): \(unsafe String(cString: strerror(code)))"
        }
    }

    let folder: String
    static let maximumStateBytes = 32 << 20
    static let maximumArtifactBytes = 1 << 30

    init(_ folder: String) throws(Failure) {
        self.folder = folder
        try Self.makeFolder(folder)
    }

    func folder(of id: String) -> String { "\(folder)/\(id)" }

    static func makeFolder(_ path: String) throws(Failure) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += part + "/"
            guard unsafe mkdir(built, 0o700) == 0 || errno == EEXIST else { throw Failure("making", built) }
        }
    }

    /// All runs; what cannot be read is named and left where it is.
    func load() throws(Failure) -> (states: [BacktestState], problems: [String]) {
        guard let listing = unsafe opendir(folder) else { throw Failure("reading", folder) }
        defer { unsafe closedir(listing) }
        var states: [BacktestState] = []
        var problems: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            guard BacktestIdentity.isID(name) else { continue }
            let path = "\(folder)/\(name)/state.json"
            // A run whose first state never came to the disk was never promised to anybody.
            guard unsafe access(path, F_OK) == 0 else { continue }
            do {
                let bytes = try Self.read(path, atMost: Self.maximumStateBytes)
                let document = try Document(bytes, limits: .init(maximumBytes: Self.maximumStateBytes))
                guard let state = BacktestState(document), state.id == name else {
                    problems.append("\(path) is no state of a run")
                    continue
                }
                states.append(state)
            } catch { problems.append("\(path): \(error)") }
        }
        return (states, problems)
    }

    func save(_ state: BacktestState) throws(Failure) {
        let place = folder(of: state.id)
        try Self.makeFolder(place)
        try Self.write(state.document.bytes, to: "\(place)/state.json")
        try Self.sync(folder: folder)
    }

    func save(_ files: [ReplayArtifacts.File], of id: String) throws(Failure) {
        try Self.makeFolder(folder(of: id))
        for file in files { try Self.write(file.bytes, to: "\(folder(of: id))/\(file.name)") }
    }

    /// The bytes of an artifact, or `nil` when they are not those that were promised.
    func artifact(_ artifact: BacktestState.Artifact, of id: String) throws(Failure) -> [UInt8]? {
        let bytes = try Self.read("\(folder(of: id))/\(artifact.name)", atMost: Self.maximumArtifactBytes)
        guard bytes.count == artifact.bytes, HexText.of(SHA256.hash(bytes)) == artifact.sha256 else { return nil }
        return bytes
    }

    /// Its state first: what is left of a folder without one is nobody's.
    func remove(_ id: String) throws(Failure) {
        let place = folder(of: id)
        guard unsafe unlink("\(place)/state.json") == 0 || errno == ENOENT else { throw Failure("removing", place) }
        FolderRemoval.remove(place)
    }

    static func read(_ path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure("opening", path) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw Failure("reading", path) }
        guard status.st_size <= limit else { throw Failure("reading", path, EFBIG) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                // Safe: the rest of the buffer, which is not empty here.
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return unsafe Glibc.read(file, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure("reading", path, count < 0 ? errno : EIO) }
            filled += count
        }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let beside = path + ".new"
        let file = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure("writing", beside) }
        do throws(Failure) {
            var written = 0
            while written < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return unsafe Glibc.write(file, rest.baseAddress, rest.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Failure("writing", beside) }
                written += count
            }
            guard fsync(file) == 0 else { throw Failure("syncing", beside) }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw Failure("closing", beside) }
        guard unsafe rename(beside, path) == 0 else { throw Failure("placing", path) }
        try sync(folder: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    }

    private static func sync(folder: String) throws(Failure) {
        let place = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw Failure("opening", folder) }
        defer { close(place) }
        guard fsync(place) == 0 else { throw Failure("syncing", folder) }
    }
}
