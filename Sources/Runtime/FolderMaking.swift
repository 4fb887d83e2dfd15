internal import Core
internal import Glibc

/// Makes a folder and those above it; what is there already stays.
enum FolderMaking {
    static func make(_ path: String) throws(LogError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw LogError(.open, .failed(unsafe "cannot make folder \(made): \(String(cString: strerror(errno)))"))
            }
        }
    }

    /// Makes the folder that `path` will lie in.
    static func makeParent(of path: String) throws(LogError) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        parts = parts.dropLast()
        if !parts.isEmpty { try make(parts.joined(separator: "/")) }
    }
}
