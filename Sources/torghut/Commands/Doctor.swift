import Runtime

/// What this machine lacks, and how to mend it.
enum Doctor {
    static let command = Command(
        "doctor", "say what this machine lacks",
        details:
            """
            Looks for tools, for PostgreSQL, for the programs and files that come with this one, and at the data folder, \
            free space and memory, the speed of fsync, ports and limits. Changes nothing for good.
            """,
        answerNo: "something is missing; each line says how to mend it"
    ) { invocation in
        let settings = try invocation.settings()
        let findings = MachineCheck.all(settings)
        var listing = Listing("check", "ok", "found", "mend")
        for finding in findings {
            listing.add(
                .text(finding.check), .flag(finding.isGood), .text(finding.found),
                finding.mend.map { .text($0) } ?? .none)
        }
        try listing.print(json: invocation.json)
        return findings.allSatisfy(\.isGood) ? .ok : .no
    }
}
