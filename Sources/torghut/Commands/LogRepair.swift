import Core
import Journal
import Runtime

/// Cuts damage out of a journal, by name, and keeps what it cut.
enum LogRepair {
    static let command = Command(
        "log repair", "cut damaged bytes out of a journal, and keep them aside",
        details: """
            Says what is damaged and would be cut; only --yes cuts. Records in the bytes that are cut are no longer in
            the log: restore them from an archive if there is one. The bytes are kept beside the journal, and the
            place is printed.
            """,
        options: [.switched("yes", "cut what is damaged")],
        answerNo: "something is damaged, and without --yes nothing was cut"
    ) { invocation in
        let settings = try invocation.settings()
        guard case .journal(let folder) = settings.log else {
            throw UsageError("log repair is for a journal; Kafka repairs its own replicas")
        }
        let checks = JournalChecks()
        guard invocation.has("yes") else {
            let progress = ProgressLine("verifying")
            let report = try await checks.verify(folder, progress)
            progress.end()
            var listing = Listing("file", "byte", "what")
            for damage in report.damage { listing.add(.text(damage.file), .number(damage.byte), .text(damage.what)) }
            if invocation.json || !report.damage.isEmpty { try listing.print(json: invocation.json) }
            StandardError.line(
                report.damage.isEmpty
                    ? "nothing is damaged" : "nothing was cut; with --yes the damage is cut and kept aside")
            return report.damage.isEmpty ? .ok : .no
        }
        let cuts = try await checks.repair(folder)
        var listing = Listing("file", "byte", "bytes", "what", "kept_in")
        for cut in cuts {
            listing.add(
                .text(cut.file), .number(cut.byte), .number(Int64(cut.bytes)), .text(cut.what),
                cut.keptIn.map { .text($0) } ?? .none)
        }
        if invocation.json || !cuts.isEmpty { try listing.print(json: invocation.json) }
        if cuts.isEmpty { StandardError.line("nothing is damaged") }
        return .ok
    }
}
