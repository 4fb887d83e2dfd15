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
