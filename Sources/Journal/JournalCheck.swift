public import Core

/// Something that was whole once and is not now.
public struct JournalDamage: Hashable, Sendable {
    public let file: String
    public let byte: Int64
    public let what: String
}

/// How far a check has come.
public struct JournalProgress: Hashable, Sendable {
    public var bytes: Int64 = 0
    public var totalBytes: Int64 = 0
    public var batches = 0
    public var records = 0
}

public struct JournalReport: Hashable, Sendable {
    public internal(set) var damage: [JournalDamage] = []
    public internal(set) var progress = JournalProgress()
    /// Bytes of a write that was not finished when its process died: not damage, opening cuts them.
    public internal(set) var unfinishedBytes = 0
}

/// What repair took out, and the file that keeps it.
public struct JournalCut: Hashable, Sendable {
    public let file: String
    public let byte: Int64
    public let bytes: Int64
    public let what: String
    /// `nil` when there was nothing to keep: a file that was missing.
    public let keptIn: String?
}

/// Reads a journal without opening it for writing: everything it holds, looking for damage.
public enum JournalCheck {
    /// Reads everything.
    ///
    /// Blocks for as long as that takes: not for a thread of the shared pool.
    public static func verify(
        _ path: String, progress: (JournalProgress) -> Void = { _ in }
    ) throws(LogError) -> JournalReport {
        try verify(path, on: SystemFiles(), progress: progress)
    }

    package static func verify(
        _ path: String, on layer: any FileLayer, progress: (JournalProgress) -> Void = { _ in }
    ) throws(LogError) -> JournalReport {
        var verification = Verification(Recovery(layer: layer, folder: JournalFolder(path: path)))
        do { return try verification.run(progress) } catch { throw LogError(.verify, error.reason) }
    }

    /// Cuts out what is damaged, keeps the bytes aside, and leaves a journal that opens.
    ///
    /// Takes the lock.
    public static func repair(_ path: String) throws(LogError) -> [JournalCut] {
        try repair(path, on: SystemFiles())
    }

    package static func repair(_ path: String, on layer: any FileLayer) throws(LogError) -> [JournalCut] {
        let folder = JournalFolder(path: path)
        let lock = try layer.lock(folder.lock, note: FolderLock.note())
        defer { layer.close(lock) }
        var repair = Repair(Recovery(layer: layer, folder: folder))
        do throws(LogError) {
            let cuts = try repair.run()
            do throws(FileError) { try layer.truncate(lock, to: 0) } catch { throw error.during(.repair) }
            return cuts
        } catch { throw LogError(.repair, error.reason) }
    }
}
