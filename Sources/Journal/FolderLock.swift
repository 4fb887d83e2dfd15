internal import Glibc

/// The note in a journal's `lock` file: who writes here.
///
/// The lock itself is `flock`, which the kernel drops when its holder dies; the note only tells a second writer whom
/// it met.
enum FolderLock {
    static let largestNote = 512

    static func note() -> [UInt8] {
        let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "unknown program"
        let text = Array("\(String(program.prefix(128))), pid \(getpid())".utf8)
        return text + Array(" #\(String(checksum(text), radix: 16))\n".utf8)
    }

    static func holder(in note: [UInt8]) -> String {
        let text = String(decoding: note, as: UTF8.self)
        let name = text.split(separator: "#").first.map { String($0.dropLast()) } ?? ""
        return name.isEmpty ? "unknown" : name
    }

    /// An empty note is a lock that was given back in order.
    static func isIntact(_ note: [UInt8]) -> Bool {
        if note.isEmpty { return true }
        guard let mark = note.lastIndex(of: UInt8(ascii: "#")), mark > 0, note.last == UInt8(ascii: "\n") else {
            return false
        }
        let text = Array(note[..<(mark - 1)])
        return note == text + Array(" #\(String(checksum(text), radix: 16))\n".utf8)
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt64 { Block(bytes).hash(0..<bytes.count) }
}
