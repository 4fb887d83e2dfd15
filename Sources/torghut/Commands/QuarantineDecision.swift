import Core
import Domain
import FoundationEssentials
import Projections
import Runtime
import Threading

/// An operator's decision about parked records: each is an event on the log, so that a rebuild repeats it.
enum QuarantineDecision {
    static let defaultLimit: Int64 = 100

    private static let common: [CommandOption] = [
        .valued("reason", "TEXT", "why; recorded in the event"),
        .valued("actor", "NAME", "who decides; recorded in the event"),
        QuarantineList.projection,
        .switched("yes", "say it on the log; without it, nothing is changed"),
    ]
    private static let order = """
        Only the record that holds up its key can be decided on; those behind it follow, in order. Every projection \
        that parked the record gets an event of its own.
        """

    static let release = Command(
        "quarantine release", "fold parked records after all",
        details: """
            Says for each whether this program would fold it now; only with --yes, and only those that it would, are \
            released. \(order)
            """,
        options: common + [
            .switched("all", "every parked record, instead of one"),
            .valued("limit", "N", "with --all: at most so many, default \(QuarantineDecision.defaultLimit)"),
        ],
        operand: QuarantineShow.record, answerNo: "some would not fold now; they stay parked"
    ) { try await run($0, .release) }

    static let skip = Command(
        "quarantine skip", "leave a parked record out for good", details: order, options: common,
        operand: QuarantineShow.record, answerNo: "the record does not wait any more"
    ) { try await run($0, .skip) }

    static let patch = Command(
        "quarantine patch", "fold other bytes in a parked record's place",
        details: "The log keeps the record as it is. \(order)",
        options: common + [
            .valued("value", "TEXT", "the bytes to fold"), .valued("file", "FILE", "a file with the bytes to fold"),
        ],
        operand: QuarantineShow.record, answerNo: "the patched record would not fold either"
    ) { invocation in try await run(invocation, .patch(patchedValue(invocation))) }

    private static func patchedValue(_ invocation: Invocation) throws -> Octets {
        let bytes: [UInt8]
        switch (invocation.value("value"), invocation.value("file")) {
        case (let text?, nil): bytes = Array(text.utf8)
        case (nil, let path?): bytes = Array(try Data(contentsOf: URL(filePath: path)))
        default: throw UsageError("quarantine patch needs --value or --file, and not both")
        }
        do { return try Octets(bytes) } catch { throw UsageError("the patch: \(error)") }
    }

    private static func run(_ invocation: Invocation, _ word: QuarantineChoice) async throws -> ExitCode {
        let said = try OperatorWord(invocation)
        let saying = QuarantineSaying(
            word, reason: said.reason, actor: said.actor, source: SourceName(trusted: "cli"), SystemTime())
        let settings = try invocation.settings()
        let desk = QuarantineDesk(try invocation.database(settings), ReadModels.all)
        let query = try query(invocation)
        let entries =
            if let record = query.record {
                try await desk.decidable(record, of: query.projection)
            } else { try await desk.entries(query) }
        var judged: [(entry: QuarantineDesk.Entry, refusal: String?)] = []
        for entry in entries { judged.append((entry, try await saying.refusal(of: entry, at: desk))) }
        let folding = judged.filter { $0.refusal == nil }.map(\.entry)
        let says = invocation.has("yes") && !folding.isEmpty
        let offsets =
            says
            ? try await OpenedLog.using(settings, to: .append) { try await saying.append(folding, to: $0.log) } : []
        try print(judged, said: offsets, saying, json: invocation.json)
        if entries.isEmpty { StandardError.line("nothing waits") }
        if !invocation.has("yes"), !folding.isEmpty { StandardError.line("nothing was said on the log; --yes says it") }
        return folding.count == judged.count && !(entries.isEmpty && query.record != nil) ? .ok : .no
    }

    private static func query(_ invocation: Invocation) throws -> QuarantineDesk.Query {
        let isAll = invocation.has("all")
        let limit = try invocation.integer("limit", atLeast: 1) ?? defaultLimit
        guard isAll || !invocation.has("limit") else { throw UsageError("--limit belongs to --all") }
        var query = QuarantineDesk.Query(limit: Int(limit))
        query.projection = try QuarantineList.known(invocation.value("projection"))
        if isAll {
            guard invocation.operand == nil else { throw UsageError("name a record, or --all, and not both") }
            query.states = [.parked]
        } else {
            query.record = try RecordPosition(named: invocation.requiredOperand())
            query.states = []
        }
        return query
    }

    private static func print(
        _ judged: [(entry: QuarantineDesk.Entry, refusal: String?)], said: [RecordPosition], _ saying: QuarantineSaying,
        json: Bool
    ) throws {
        var listing = Listing("record", "projection", "version", "action", "would", "said_at")
        var said = said[...]
        for (entry, refusal) in judged {
            let place = refusal == nil ? said.popFirst() : nil
            listing.add(
                .text(entry.row.place.position.description), .text(entry.projection), .number(Int64(entry.version)),
                .text(saying.word.name), .text(refusal ?? saying.word.effect), .optional(place?.description))
        }
        if json || !judged.isEmpty { try listing.print(json: json) }
    }
}
