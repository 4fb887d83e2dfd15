/// Finds what became different between two documents of one schema.
///
/// Two rules are stricter than logic asks. A field that was there stays there, because what stands under its name in
/// the log would otherwise be lost to new readers, and its name could come back with another meaning. And a unit never
/// changes: the same digits would mean something else.
///
/// A new optional field breaks nothing: readers ignore what they do not know, and nobody wrote the name before.
struct SchemaComparison {
    let name: String
    private(set) var changes: [SchemaChange] = []

    private enum Breaks {
        case backward, forward, both
    }

    static func changes(of name: String, from old: JSONTree, to new: JSONTree) throws(SchemaFault) -> [SchemaChange] {
        // Refuses what this comparison does not look at.
        _ = try CompiledSchema(old)
        _ = try CompiledSchema(new)
        var comparison = SchemaComparison(name: name)
        comparison.compare(old, new, "$")
        return comparison.changes
    }

    private init(name: String) { self.name = name }

    private mutating func note(_ path: String, _ what: String, _ breaks: Breaks) {
        changes.append(
            SchemaChange(
                schema: name, path: path, what: what, breaksBackward: breaks != .forward,
                breaksForward: breaks != .backward))
    }

    private mutating func compare(_ old: JSONTree, _ new: JSONTree, _ path: String) {
        guard compareTypes(old, new, path) else { return }
        compareValues(old, new, path)
        for (keyword, isUpper) in [
            ("minLength", false), ("maxLength", true), ("minimum", false), ("maximum", true), ("minItems", false),
            ("maxItems", true),
        ] {
            compareLimit(keyword, isUpper: isUpper, old, new, path)
        }
        compareFields(old, new, path)
        switch (old["items"], new["items"]) {
        case (let before?, let after?): compare(before, after, path + "[]")
        case (nil, _?): note(path, "elements are held to a schema", .backward)
        case (_?, nil): note(path, "elements are no longer held to a schema", .forward)
        case (nil, nil): return
        }
    }

    private static let everyType: Set<String> = ["object", "array", "string", "number", "integer", "boolean", "null"]

    private static func types(_ document: JSONTree) -> Set<String> {
        guard let types = document["type"].flatMap(CompiledSchema.types) else { return everyType }
        return types.contains("number") ? types.union(["integer"]) : types
    }

    /// Whether there is anything left to compare.
    private mutating func compareTypes(_ old: JSONTree, _ new: JSONTree, _ path: String) -> Bool {
        let (before, after) = (Self.types(old), Self.types(new))
        guard before != after else { return true }
        let words = "type changed from \(Self.text(before)) to \(Self.text(after))"
        let (lost, won) = (!before.isSubset(of: after), !after.isSubset(of: before))
        note(path, words, lost && won ? .both : lost ? .backward : .forward)
        return !before.subtracting(["null"]).isDisjoint(with: after)
    }

    private static func text(_ types: Set<String>) -> String {
        types == everyType ? "anything" : types.sorted().joined(separator: " or ")
    }

    private mutating func compareValues(_ old: JSONTree, _ new: JSONTree, _ path: String) {
        switch (old["const"], new["const"]) {
        case (let before?, let after?): if !before.means(after) { note(path, "its only value changed", .both) }
        case (nil, _?): note(path, "only one value is left", .backward)
        case (_?, nil): note(path, "other values than the one are allowed", .forward)
        case (nil, nil): break
        }
        switch (old["enum"]?.elements, new["enum"]?.elements) {
        case (let before?, let after?):
            for word in before where !after.contains(where: word.means) {
                note(path, "enum narrowed: \(Self.text(word)) is gone", .backward)
            }
            for word in after where !before.contains(where: word.means) {
                note(path, "enum widened: \(Self.text(word)) is new", .forward)
            }
        case (nil, _?): note(path, "narrowed to an enum", .backward)
        case (_?, nil): note(path, "no longer an enum", .forward)
        case (nil, nil): break
        }
        switch (old["pattern"], new["pattern"]) {
        case (let before?, let after?): if before != after { note(path, "pattern changed", .both) }
        case (nil, _?): note(path, "pattern added", .backward)
        case (_?, nil): note(path, "pattern removed", .forward)
        case (nil, nil): break
        }
        if old["x-unit"] != new["x-unit"] { note(path, "unit changed", .both) }
    }

    private static func text(_ word: JSONTree) -> String { String(decoding: word.compactText, as: UTF8.self) }

    private mutating func compareLimit(
        _ keyword: String, isUpper: Bool, _ old: JSONTree, _ new: JSONTree, _ path: String
    ) {
        // Without a limit: one that nothing reaches.
        let none = isUpper ? Int.max : Int.min
        let (before, after) = (old[keyword]?.integer ?? none, new[keyword]?.integer ?? none)
        guard before != after else { return }
        let isTighter = isUpper == (after < before)
        note(path, "\(keyword) \(isTighter ? "tightened" : "loosened")", isTighter ? .backward : .forward)
    }

    private mutating func compareFields(_ old: JSONTree, _ new: JSONTree, _ path: String) {
        let before = Set(old["required"]?.elements?.compactMap(\.text) ?? [])
        let after = Set(new["required"]?.elements?.compactMap(\.text) ?? [])
        let wasClosed = old["additionalProperties"] == .bool(false)
        let isClosed = new["additionalProperties"] == .bool(false)
        if isClosed, !wasClosed { note(path, "unknown fields are no longer allowed", .backward) }
        for field in old["properties"]?.members ?? [] {
            let place = "\(path).\(field.name)"
            guard let successor = new["properties"]?[field.name] else {
                note(place, "field removed", .both)
                continue
            }
            compare(field.value, successor, place)
            switch (before.contains(field.name), after.contains(field.name)) {
            case (false, true): note(place, "became required", .backward)
            case (true, false): note(place, "became optional", .forward)
            case (true, true), (false, false): continue
            }
        }
        for field in new["properties"]?.members ?? [] where old["properties"]?[field.name] == nil {
            if after.contains(field.name) { note("\(path).\(field.name)", "new required field", .backward) }
            if wasClosed { note("\(path).\(field.name)", "new field where none was allowed", .forward) }
        }
    }
}
