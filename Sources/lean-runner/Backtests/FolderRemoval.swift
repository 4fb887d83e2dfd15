import Glibc

/// Takes a folder away with all that is in it; links are removed and never followed.
enum FolderRemoval {
    static func remove(_ path: String) {
        guard let listing = unsafe opendir(path) else { return }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard unsafe lstat("\(path)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                remove("\(path)/\(name)")
            } else {
                unsafe unlink("\(path)/\(name)")
            }
        }
        unsafe closedir(listing)
        unsafe rmdir(path)
    }

    /// Bytes of all files below, as far as they can be seen.
    static func bytes(of path: String) -> Int64 {
        guard let listing = unsafe opendir(path) else { return 0 }
        defer { unsafe closedir(listing) }
        var sum: Int64 = 0
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard unsafe lstat("\(path)/\(name)", &status) == 0 else { continue }
            sum += status.st_mode & S_IFMT == S_IFDIR ? bytes(of: "\(path)/\(name)") : Int64(status.st_size)
        }
        return sum
    }
}
