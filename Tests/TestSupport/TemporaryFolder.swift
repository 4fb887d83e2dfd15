import Glibc

/// A folder of its own for one test, removed afterwards.
public final class TemporaryFolder: Sendable {
    public let path: String

    /// Thousands of journals are made in memory, where a sync costs nothing; faults of the disk are tested elsewhere.
    public init(inMemory: Bool = false) {
        let hasMemory = unsafe access("/dev/shm", W_OK) == 0
        let place = inMemory && hasMemory ? "/dev/shm" : "/tmp"
        guard let made = Self.make("\(place)/torghut-journal") else { fatalError("cannot make a folder in \(place)") }
        path = made
    }

    /// A new folder whose name begins so; whoever asks removes it.
    static func make(_ start: String) -> String? {
        var template = Array("\(start)-XXXXXX".utf8CString)
        return unsafe template.withUnsafeMutableBufferPointer { template in
            unsafe template.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        }
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        guard let listing = unsafe opendir(path) else {
            unsafe unlink(path)
            return
        }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { remove(path + "/" + name) }
        }
        unsafe closedir(listing)
        unsafe rmdir(path)
    }
}
