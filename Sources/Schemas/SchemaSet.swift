internal import Domain

/// Schemas by name, as they are now or as they were at some time.
public struct SchemaSet: Sendable, Equatable {
    /// `decision.recorded.v1` and its document, sorted by name.
    public private(set) var documents: [(name: String, document: JSONTree)]

    public init(_ documents: [(name: String, document: JSONTree)]) {
        self.documents = documents.sorted { $0.name < $1.name }
    }

    /// As the program has them.
    public static let current = SchemaSet(EventSchema.all.map { ($0.name, $0.document) })

    public static func == (left: Self, right: Self) -> Bool {
        left.documents.elementsEqual(right.documents) { $0 == $1 }
    }

    public func document(_ name: String) -> JSONTree? { documents.first { $0.name == name }?.document }

    /// The changes since an older set that the rules of their topics forbid.
    public func breaks(since older: SchemaSet) throws(SchemaFault) -> [(rule: Compatibility, change: SchemaChange)] {
        var found: [(rule: Compatibility, change: SchemaChange)] = []
        for (name, old) in older.documents {
            let rule = Self.rule(of: name)
            for change in try changes(of: name, since: old) where rule.isBroken(by: change) {
                found.append((rule, change))
            }
        }
        return found
    }

    private func changes(of name: String, since old: JSONTree) throws(SchemaFault) -> [SchemaChange] {
        if let new = document(name) {
            do { return try SchemaComparison.changes(of: name, from: old, to: new) } catch {
                throw SchemaFault(path: "\(name): \(error.path)", what: error.what)
            }
        }
        let isTypeGone = Self.type(of: name) == nil
        return [
            SchemaChange(
                schema: name, path: "$", what: isTypeGone ? "event type removed" : "version removed",
                breaksBackward: true, breaksForward: true)
        ]
    }

    /// A type that is gone has no topic any more; nothing is forgiven there.
    private static func rule(of name: String) -> Compatibility {
        type(of: name).map { Compatibility.of($0.family) } ?? .full
    }

    private static func type(of name: String) -> EventType? {
        guard let mark = name.lastIndex(of: ".") else { return nil }
        return EventType.named(String(name[..<mark]))
    }
}
