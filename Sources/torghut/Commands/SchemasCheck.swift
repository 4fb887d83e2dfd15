import Schemas

/// Whether readers and writers of different age still understand one another.
enum SchemasCheck {
    static let command = Command(
        "schemas check", "compare this program's schemas with earlier ones, by the rule of each topic",
        details: """
            Each topic has its rule (see 'schemas list'): BACKWARD, new readers understand old events; FORWARD, old
            readers understand new ones; FULL, both. DIR holds schemas, or one folder for each release; a revision is
            read through git, in the repository around the current folder.
            """,
        options: [.valued("against", "DIR|REV", "a folder, or else a revision of git")],
        answerNo: "something breaks the rule of its topic; each change is named"
    ) { invocation in
        let against = try invocation.required("against")
        let earlier: [SchemaSet]
        if SchemaFolder.isFolder(against) {
            earlier = try SchemaFolder(against).sets()
        } else if let revision = SchemaRevision(against) {
            earlier = [try revision.set()]
        } else {
            throw UsageError("'\(against)' is neither a folder nor a revision")
        }
        let breaks = try earlier.flatMap { try SchemaSet.current.breaks(since: $0) }
        try print(breaks, json: invocation.json)
        let count = earlier.reduce(0) { $0 + $1.documents.count }
        if breaks.isEmpty { StandardError.line("\(count) schemas are still understood") }
        return breaks.isEmpty ? .ok : .no
    }

    static func print(_ breaks: [(rule: Compatibility, change: SchemaChange)], json: Bool) throws {
        var listing = Listing("schema", "path", "change", "rule")
        for (rule, change) in breaks {
            listing.add(.text(change.schema), .text(change.path), .text(change.what), .text(rule.rawValue))
        }
        if json || !breaks.isEmpty { try listing.print(json: json) }
    }
}
