import Glibc

/// What the machine tells the program.
enum Environment {
    /// All variables.
    static func all() -> [String: String] {
        var found: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { found[String(pair[0])] = String(pair[1]) }
            unsafe entry += 1
        }
        return found
    }

    struct NoFolder: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes a folder and those above it, for nobody else's eyes: the ledger tells what is traded.
    static func makeFolder(_ path: String) throws(NoFolder) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw NoFolder(description: unsafe "cannot make folder \(made): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// The path from the root, for who looks from another folder; `nil` when there is nothing.
    static func whole(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// A token is short: a file that is longer is none.
    static let maximumFileBytes = 64 << 10

    static func file(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumFileBytes + 1)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        guard count <= maximumFileBytes, unsafe ferror(file) == 0 else { return nil }
        return String(validating: bytes[..<count], as: UTF8.self)
    }
}
