internal import Core
internal import Glibc

/// Lets one process at a time write into an archive's folder; the system frees it when that process ends.
@safe final class ArchiveLock: Sendable {
    private let descriptor: Int32

    init(_ folder: String) throws(LogError) {
        let path = folder + "/.lock"
        descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .archiveFile("open", path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw LogError(.archive, .locked(holder: "an export or restore that has \(path) locked"))
        }
    }

    deinit { Glibc.close(descriptor) }
}
