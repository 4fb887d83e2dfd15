internal import Core

/// The names in a journal's folder.
struct JournalFolder: Sendable {
    let path: String

    /// The folder that holds this one.
    var parent: String {
        let trimmed = path.last == "/" ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    var identity: String { path + "/identity" }
    var lock: String { path + "/lock" }
    var durable: String { path + "/durable" }
    var cut: String { path + "/cut" }
    var control: String { path + "/control.sock" }

    func segment(_ first: UInt64) -> String { "\(path)/\(Self.name(first)).seg" }
    func start(_ first: UInt64) -> String { "\(path)/\(Self.name(first)).start" }

    static func name(_ first: UInt64) -> String {
        let digits = String(first)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    /// The sequence in a file's name, when the file is of this kind.
    static func first(of name: String, _ kind: String) -> UInt64? {
        guard name.hasSuffix(kind), name.utf8.count == 20 + kind.utf8.count else { return nil }
        let digits = name.dropLast(kind.count)
        return digits.utf8.allSatisfy { (48...57).contains($0) } ? UInt64(digits) : nil
    }

    /// What is there: segments and their start files, each in order.
    struct Listing {
        var segments: [UInt64] = []
        var starts: [UInt64] = []
    }

    func list(_ layer: any FileLayer) throws(LogError) -> Listing {
        do {
            let names = try layer.list(path)
            return Listing(
                segments: names.compactMap { Self.first(of: $0, ".seg") }.sorted(),
                starts: names.compactMap { Self.first(of: $0, ".start") }.sorted())
        } catch {
            if error.code == 2 { throw LogError(.open, .unavailable("there is no journal at \(path)")) }
            throw error.during(.open)
        }
    }
}
