import FoundationEssentials
import Schemas

/// Writes what is derived from the program, so that the files are never edited by hand.
enum SchemasWrite {
    static let command = Command(
        "schemas write", "write every schema and asyncapi.yaml into a folder",
        details: "Overwrites what is there under the same names, and touches nothing else.",
        options: [.valued("to", "DIR", "the folder; default schemas")]
    ) { invocation in
        let folder = invocation.value("to") ?? SchemaFolder.standard
        try SchemaFolder(folder).write(SchemaFile.all)
        StandardError.line("wrote \(SchemaFile.all.count) files into \(folder)")
        return .ok
    }
}

/// Freezes what readers outside may rely on from now on.
enum SchemasRelease {
    static let command = Command(
        "schemas release", "freeze the schemas that are new or changed, under a name",
        details: """
            Writes DIR/NAME with the schemas that differ from every earlier release. A release is never overwritten,
            and nothing is written when a schema breaks the rule of its topic against an earlier one.
            """,
        options: [.valued("to", "DIR", "the folder of releases; default schemas/released")],
        operand: Operand(name: "NAME", summary: "letters, digits, '.' and '-': a number or a date"),
        answerNo: "a released schema would be broken; each change is named"
    ) { invocation in
        let name = try invocation.requiredOperand()
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
            default: false
            }
        }
        guard isName, name.first != ".", !name.isEmpty, name.count <= 64 else {
            throw UsageError("'\(name)' is no name of a release")
        }
        let folder = SchemaFolder(invocation.value("to") ?? SchemaFolder.standard + "/released")
        let earlier = try folder.releases()
        let breaks = try earlier.flatMap { try SchemaSet.current.breaks(since: $0) }
        guard breaks.isEmpty else {
            try SchemasCheck.print(breaks, json: invocation.json)
            return .no
        }
        let fresh = EventSchema.all.filter { schema in
            !earlier.contains { $0.document(schema.name) == schema.document }
        }
        guard !fresh.isEmpty else {
            StandardError.line("every schema is released as it is")
            return .ok
        }
        try folder.add(
            release: name, fresh.map { SchemaFile(name: $0.fileName, bytes: $0.document.prettyText) })
        StandardError.line("released \(fresh.count) schemas as \(name)")
        return .ok
    }
}
