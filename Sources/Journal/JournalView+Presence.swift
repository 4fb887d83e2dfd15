internal import Core
internal import Glibc

/// Questions about a folder that take nothing and make nothing.
extension JournalView {
    /// Whether a journal was ever made here; a damaged one exists too.
    public static func exists(at path: String) -> Bool {
        let folder = JournalFolder(path: path)
        return [folder.identity, folder.lock].contains { (file: String) in unsafe access(file, F_OK) == 0 }
    }

    /// The process that writes here, as its note in the lock file says; `nil` when nobody does.
    public static func holder(of path: String) -> String? {
        let files = SystemFiles()
        let folder = JournalFolder(path: path)
        guard files.isLocked(folder.lock) else { return nil }
        do {
            return try files.contents(of: folder.lock, limit: FolderLock.largestNote).map { FolderLock.holder(in: $0) }
        } catch {
            return "unknown: \(error)"
        }
    }
}
