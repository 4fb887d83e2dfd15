/// A small set of names as one text: sorted by bytes, one on each line.
///
/// Names hold no control characters, so a line feed separates them.
struct IDList: Equatable, Sendable {
    private(set) var text: String

    init(text: String = "") { self.text = text }

    var isEmpty: Bool { text.isEmpty }

    var ids: [String] { text.isEmpty ? [] : text.utf8.split(separator: Self.mark).map { String(Substring($0)) } }

    var count: Int { text.isEmpty ? 0 : text.utf8.count(where: { $0 == Self.mark }) + 1 }

    /// The smallest by bytes.
    var first: String? { text.utf8.split(separator: Self.mark, maxSplits: 1).first.map { String(Substring($0)) } }

    func contains(_ id: String) -> Bool {
        if text.utf8.count == id.utf8.count { return text.utf8.elementsEqual(id.utf8) }
        return text.utf8.count > id.utf8.count && ids.contains { $0.utf8.elementsEqual(id.utf8) }
    }

    mutating func insert(_ id: String) {
        guard !text.isEmpty else {
            text = id
            return
        }
        guard !contains(id) else { return }
        let known = ids
        let index = known.firstIndex { id.utf8.lexicographicallyPrecedes($0.utf8) } ?? known.count
        text = (known[..<index] + [id] + known[index...]).joined(separator: "\n")
    }

    private static let mark = UInt8(ascii: "\n")
}
