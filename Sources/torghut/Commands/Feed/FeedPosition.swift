import Core
import Domain
import Ingest
import Runtime
import Threading

/// How far the order feed has read, and a person's word about where it goes on.
enum FeedPosition {
    static let list = Command(
        "feed position list", "how far the order feed has read, of each partition",
        details: """
            `feed` reads the log's own topics of broker updates; `import` brings them from the cluster that \
            TRADING_ORDER_FEED_BOOTSTRAP_SERVERS names. A position that is not there any more is an incident: the feed \
            waits for `feed position set`.
            """,
        answerNo: "a position is not there any more"
    ) { invocation in
        let settings = try invocation.settings()
        let rows = try await OpenedLog.using(settings, to: .read) { opened in
            try await FeedDesk(settings, opened.log).rows()
        }
        var listing = Listing("feed", "topic", "partition", "next", "begin", "end", "behind", "stands")
        for (feed, row) in rows {
            let source = row.source.read
            listing.add(
                .text(feed), .text(source.topic), .number(Int64(source.partition)),
                row.next.map { .number($0) } ?? .none, .number(row.held.begin), .number(row.held.end),
                .number(max(0, row.held.end - (row.next ?? row.held.begin))),
                .text(row.next == nil ? "never read" : row.isThere ? "ok" : "lost"))
        }
        try listing.print(json: invocation.json)
        return rows.allSatisfy(\.row.isThere) ? .ok : .no
    }

    static let set = Command(
        "feed position set", "say where a feed goes on that lost its position",
        details: """
            The new position and who chose it, and why, are one append. Messages between the old position and the new \
            one are read again (each still counts once), or never: that is what --reason should say.
            """,
        options: OperatorWord.options + [
            .valued("topic", "TOPIC", "the topic that is read"),
            .valued("partition", "P", "its partition"),
            .valued("offset", "POS", "the next message: an offset, earliest or latest"),
            .valued("of", "FEED", "feed (the default) or import"),
        ]
    ) { invocation in
        let word = try OperatorWord(invocation)
        let topic = try invocation.required("topic")
        guard let partition = try invocation.integer("partition", atLeast: 0).flatMap({ Int32(exactly: $0) }) else {
            throw UsageError("--partition is a number of a partition")
        }
        let place = try place(try invocation.required("offset"))
        let settings = try invocation.settings()
        let source = TopicPartition(topic, partition)
        let (next, said) = try await OpenedLog.using(settings, to: .append) { opened in
            try await FeedDesk(settings, opened.log).set(
                invocation.value("of") ?? "feed", source, to: place, word.order(.global), at: SystemTime().now())
        }
        try OperatorWord.print(said, "\(source) goes on at \(next)", json: invocation.json)
        return .ok
    }

    private static func place(_ text: String) throws(UsageError) -> FeedPositions.Place {
        switch text {
        case "earliest": return .earliest
        case "latest": return .latest
        default:
            guard let offset = Int64(text), offset >= 0 else {
                throw UsageError("--offset is an offset, earliest or latest, not '\(text)'")
            }
            return .offset(offset)
        }
    }
}
