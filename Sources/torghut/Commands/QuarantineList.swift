import Core
import Domain
import JSON
import Projections
import Runtime

/// What waits for an operator.
enum QuarantineList {
    static let defaultLimit: Int64 = 100
    static let projection = CommandOption.valued("projection", "NAME", "only what this projection parked")

    static let command = Command(
        "quarantine list", "list parked records, and those that wait behind them",
        details: """
            A record that cannot be folded is parked, and later records of its key wait behind it, in order; others go \
            on. Release it when a newer program can fold it, patch it, or skip it; the records behind it follow by \
            themselves.
            """,
        options: [
            projection, .switched("all", "settled ones too: skipped and patched"),
            .valued("limit", "N", "at most so many, default \(QuarantineList.defaultLimit)"),
        ]
    ) { invocation in
        let database = try invocation.database(invocation.settings())
        let limit = try invocation.integer("limit", atLeast: 1) ?? defaultLimit
        var query = QuarantineDesk.Query(limit: Int(limit))
        query.projection = try known(invocation.value("projection"))
        if invocation.has("all") { query.states = [] }
        let entries = try await QuarantineDesk(database, ReadModels.all).entries(query)
        var listing = Listing(
            "record", "projection", "version", "partition", "state", "reason", "path", "event_type", "detail")
        for entry in entries {
            let row = entry.row
            listing.add(
                .text(row.place.position.description), .text(entry.projection), .number(Int64(entry.version)),
                .number(Int64(entry.partition)), .text(row.state), .optional(row.reason), .optional(row.path),
                .optional(row.eventType), .optional(row.detail))
        }
        if invocation.json || !entries.isEmpty { try listing.print(json: invocation.json) }
        if entries.isEmpty { StandardError.line("nothing is parked") }
        if entries.count == Int(limit) { StandardError.line("these are the first \(limit); see --limit") }
        return .ok
    }

    static func known(_ name: String?) throws(UsageError) -> String? {
        guard let name else { return nil }
        let names = ReadModels.all.map { $0.name.text }
        guard names.contains(name) else {
            let nearest = NearestWord.to(name, among: names).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("there is no projection '\(name)'\(nearest)")
        }
        return name
    }
}

extension Listing.Cell {
    static func optional(_ text: String?) -> Listing.Cell { text.map { .text($0) } ?? .none }
}

extension RecordPosition {
    /// `TOPIC/PARTITION/OFFSET`.
    init(named text: String) throws(UsageError) {
        let cause: Cause
        do { cause = try unsafe Cause.read("\(text)#0".utf8.span.bytes) } catch {
            throw UsageError("a record is named TOPIC/PARTITION/OFFSET, not '\(text)'")
        }
        self.init(TopicPartition(cause.topic, cause.partition), cause.offset)
    }
}
