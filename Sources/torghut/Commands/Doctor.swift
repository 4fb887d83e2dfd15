import Runtime

/// What this machine lacks, and how to mend it.
enum Doctor {
    static let command = Command(
        "doctor", "say what this machine lacks",
        details:
            "Looks at tools, the data folder, free space, the speed of fsync and limits. Changes nothing for good.",
        answerNo: "something is missing; each line says how to mend it"
    ) { invocation in
        let settings = try invocation.settings()
        let findings = MachineCheck.all(dataFolder: settings.dataFolder)
        var listing = Listing("check", "ok", "found", "mend")
        for finding in findings {
            listing.add(
                .text(finding.check), .flag(finding.isGood), .text(finding.found),
                finding.mend.map { .text($0) } ?? .none)
        }
        try listing.print(json: invocation.json)
        return findings.allSatisfy(\.isGood) ? .ok : .no
    }

    /// One line for those who did not ask.
    static func line(dataFolder: String) -> String {
        let missing = MachineCheck.all(dataFolder: dataFolder).filter { !$0.isGood }
        guard !missing.isEmpty else { return "doctor: this machine has what it needs" }
        return "doctor: \(missing.map(\.check).joined(separator: ", ")) need a look; see 'torghut doctor'"
    }
}
