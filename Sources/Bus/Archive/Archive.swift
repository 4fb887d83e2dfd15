public import Core
internal import Digest

/// A folder of archive files and the manifest that names them.
public struct Archive: Sendable {
    public let folder: String
    public internal(set) var manifest: ArchiveManifest

    static func manifestPath(_ folder: String) -> String { "\(folder)/\(ArchiveManifest.fileName)" }

    /// Whether the folder holds an archive: a manifest, that is.
    public static func exists(_ folder: String) -> Bool { ArchiveNames.exists(manifestPath(folder)) }

    /// Reads the manifest and checks it against itself; `verify` checks the files.
    public init(opening folder: String) throws(LogError) {
        let path = Self.manifestPath(folder)
        guard Self.exists(folder) else {
            throw LogError(.archive, .refused("\(folder) holds no archive: there is no \(ArchiveManifest.fileName)"))
        }
        self.folder = folder
        manifest = try ArchiveManifest.decoded(ArchiveInput(opening: path).readAll(), path: path)
    }

    init(creating folder: String, logID: String) throws(LogError) {
        try ArchiveNames.makeFolder(folder)
        self.folder = folder
        manifest = ArchiveManifest(logID: logID)
    }

    /// Puts the manifest in place; the files it names are durable before.
    func save() throws(LogError) {
        precondition(manifest.contradiction() == nil, "a manifest at odds with itself is never written")
        try ArchiveNames.writeWhole(manifest.encoded(), to: Self.manifestPath(folder))
    }

    /// Compares size and SHA-256 of every file with the manifest and names the first that differs.
    public func verify(
        _ files: [ArchiveManifest.File]? = nil, progress: (ArchiveProgress) -> Void = { _ in }
    ) throws(LogError) {
        let files = files ?? manifest.files
        var progressed = ArchiveProgress(total: files.reduce(0) { $0 + $1.records })
        for file in files {
            try verify(file)
            progressed.done += file.records
            progress(progressed)
        }
    }

    private func verify(_ file: ArchiveManifest.File) throws(LogError) {
        let path = "\(folder)/\(file.path)"
        guard ArchiveNames.exists(path) else { throw .archiveDamaged(path, "it is missing") }
        let input = try ArchiveInput(opening: path)
        var hasher = SHA256()
        var bytes: Int64 = 0
        while true {
            let piece = try input.read(limit: 1 << 20)
            if piece.isEmpty { break }
            unsafe hasher.update(piece.span.bytes)
            bytes += Int64(piece.count)
        }
        guard bytes == file.bytes else {
            throw .archiveDamaged(path, "it has \(bytes) bytes, and the manifest says \(file.bytes)")
        }
        let sum = ArchiveManifest.hexadecimal(hasher.finish())
        guard sum == file.sha256 else {
            throw .archiveDamaged(path, "its SHA-256 is \(sum), and the manifest says \(file.sha256)")
        }
    }
}

/// How far an export, a check or a restore has come, in records.
public struct ArchiveProgress: Sendable {
    public internal(set) var done: Int64 = 0
    public let total: Int64
}

/// What archiving may use, each with its name.
public enum ArchiveLimits {
    /// An archive file is closed when it has this many compressed bytes.
    public static let fileBytes: Int64 = 256 << 20
    /// A read of the live log that brings nothing for this long is a failure.
    public static let stall: Duration = .seconds(30)
    /// Records and bytes of one append of a restore.
    public static let restoreRecords = 10_000
    public static let restoreBytes = 8 << 20
    /// A following archiver looks at least this often in the time a topic keeps its records.
    public static let roundsPerRetention = 4
}
