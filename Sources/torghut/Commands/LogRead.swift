import Core
import Runtime

/// Reads a topic, as JSON lines or as its values alone.
enum LogRead {
    static let command = Command(
        "log read", "read a topic, oldest first",
        details: """
            Prints one JSON object per record: topic, partition, offset, timestamp (ms since 1970), key, value, headers.
            Bytes that are not UTF-8 come as key_b64, value_b64 and {"b64": …} in headers; headers whose names repeat
            come as an array of [name, value] pairs.

            Order: always the partition's own; between partitions the record with the smaller timestamp comes first,
            and of equal ones that of the smaller partition. What comes after --follow has reached the end is printed
            as it arrives.
            """,
        options: [
            .valued("topic", "TOPIC", "what to read"),
            .valued("partition", "P", "only this partition"),
            .valued(
                "from", "POS",
                "first offset, or beginning (the default), or end; an offset without --partition is meant for every partition, and those that end before it are left out"
            ),
            .valued("to", "POS", "stop before this offset, or at what is the end now (the default without --follow)"),
            .valued("max", "N", "stop after N records"),
            .switched("follow", "go on with what is appended, until Ctrl-C, --to or --max"),
            .switched("values", "print the values alone, one per line; null as an empty line"),
            .valued("archive", "DIR", "read this archive in front of the log, as one"),
        ]
    ) { invocation in
        let request = try ReadRequest(invocation)
        let archive = invocation.value("archive")
        return try await OpenedLog.using(invocation.settings(), to: .read, archive: archive) { opened in
            let session = ReadSession(request, log: opened.log)
            guard request.follows else {
                try await session.run()
                return .ok
            }
            try await Interruption.ends { try await session.run() }
            return .ok
        }
    }
}

/// What `log read` was asked for.
struct ReadRequest: Sendable {
    enum Place: Sendable, Equatable {
        case beginning
        case end
        case offset(Int64)
    }

    let topic: String
    let partition: Int32?
    let from: Place
    /// `nil`: no end, or what is the end now.
    let to: Int64?
    let toEnd: Bool
    let most: Int
    let follows: Bool
    let form: RecordLine.Form

    init(_ invocation: Invocation) throws(UsageError) {
        topic = try invocation.required("topic")
        partition = try invocation.integer("partition").map { Int32(clamping: $0) }
        from = try Self.place("from", invocation) ?? .beginning
        let end = try Self.place("to", invocation)
        guard end != .beginning else { throw UsageError("--to is an offset or end") }
        if case .offset(let offset) = end { to = offset } else { to = nil }
        follows = invocation.has("follow")
        toEnd = end == .end || (end == nil && !follows)
        most = Int(try invocation.integer("max", atLeast: 0) ?? .max)
        form = invocation.has("values") ? .values : .json
        if form == .values, invocation.json { throw UsageError("--values and --json ask for two things") }
    }

    private static func place(_ option: String, _ invocation: Invocation) throws(UsageError) -> Place? {
        switch invocation.value(option) {
        case nil: return nil
        case "beginning": return .beginning
        case "end": return .end
        case let text?:
            guard let offset = Int64(text), offset >= 0 else {
                throw UsageError("--\(option) is an offset, beginning or end, not '\(text)'")
            }
            return .offset(offset)
        }
    }
}
