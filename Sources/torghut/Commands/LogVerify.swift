import Core
import Journal
import Runtime
import Threading

/// Reads every byte of a journal, or every record of another log.
enum LogVerify {
    static let command = Command(
        "log verify", "read everything and check it",
        details: """
            A journal is read batch by batch and every checksum is compared, also while another process writes. On
            Kafka every record is read with its checksum checked by the client.
            """,
        answerNo: "something is damaged; file and byte of the first damage are printed"
    ) { invocation in
        let settings = try invocation.settings()
        guard case .journal(let folder) = settings.log else {
            return try await OpenedLog.using(settings, to: .read) { opened in
                let sources = try await TopicChoice.partitions([], of: opened.log)
                var records: Int64 = 0
                try await Sweep(opened.log, opened.log.bounds(of: sources)).run("verifying") {
                    records += Int64($0.count)
                }
                try report(json: invocation.json, records: records, damage: [])
                return .ok
            }
        }
        let progress = ProgressLine("verifying")
        let result = try await JournalChecks().verify(folder, progress)
        progress.end()
        let damage = result.damage.prefix(1).map { ($0.file, $0.byte, $0.what) }
        try report(json: invocation.json, records: Int64(result.progress.records), damage: Array(damage))
        return result.damage.isEmpty ? .ok : .no
    }

    private static func report(json: Bool, records: Int64, damage: [(file: String, byte: Int64, what: String)]) throws {
        if json {
            var listing = Listing("ok", "records", "file", "byte", "what")
            let first = damage.first
            listing.add(
                .flag(damage.isEmpty), .number(records), first.map { .text($0.file) } ?? .none,
                first.map { .number($0.byte) } ?? .none, first.map { .text($0.what) } ?? .none)
            return try listing.print(json: true)
        }
        for (file, byte, what) in damage {
            try StandardOutput().line("damaged: \(file) at byte \(byte): \(what); 'torghut log repair' can cut it")
        }
        if damage.isEmpty { try StandardOutput().line("ok: \(records) records") }
    }
}

/// The journal's own checks block in reads, so they have a thread of their own.
actor JournalChecks {
    private nonisolated let executor = BlockingExecutor("journal.checks")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func verify(_ folder: String, _ progress: ProgressLine) throws(LogError) -> JournalReport {
        try JournalCheck.verify(folder) { progress.show(done: $0.bytes, of: $0.totalBytes, "bytes") }
    }

    func repair(_ folder: String) throws(LogError) -> [JournalCut] { try JournalCheck.repair(folder) }
}
