import Core
import Domain
import Ingest
import TestSupport
import Testing

@Suite struct `The order feed` {
    @Test func `says of each message once what it is, and passes its position on with that`() async throws {
        let floor = try await FeedFloor()
        let messages = Message.story(1)
        try await floor.tell(messages.map(\.frame) + [messages[1].frame, messages[0].frame])
        try await floor.feed(until: 5)
        let recorded = try await floor.recorded()
        #expect(recorded.map(\.classification) == [.applied, .applied, .applied, .duplicate, .duplicate])
        #expect(recorded.map(\.sourceOffset) == Array(0..<5))
        #expect(recorded.map(\.filledQtyDelta) == [nil, 40, 60, nil, nil])
        #expect(Set(recorded.map(\.decisionHash)).count == 1)
        #expect(recorded[0].intentID != nil)
        // A batch with nothing new advances: whoever starts next reads none of it again.
        try await floor.tell([messages[2].frame])
        try await floor.feed(until: 6)
        #expect(try await floor.recorded().map(\.sourceOffset) == Array(0..<6))
    }

    @Test func `takes the twins of both topics and every shape for one event`() async throws {
        let floor = try await FeedFloor()
        var message = Message.story(1)[1]
        try await floor.tell([message.envelope(), message.envelope(seq: 7), message.frame, message.data])
        message.account = "paper"
        try await floor.tell([message.envelope(version: 2)], topic: TopicCatalog.tradeUpdatesV2)
        try await floor.feed(until: 5)
        let recorded = try await floor.recorded()
        #expect(recorded.count == 5)
        #expect(recorded.count { $0.classification == .applied } == 1)
        #expect(recorded.count { $0.classification == .duplicate } == 4)
    }

    @Test func `puts aside what is no update of an order, and goes on`() async throws {
        let floor = try await FeedFloor()
        var nameless = Message(event: "new", status: "new", id: "other", client: "somebody's", symbol: "UNKNOWN")
        nameless.second = 4
        try await floor.tell([
            "not json", #"{"stream":"listening","data":{"streams":["trade_updates"]}}"#,
            #"{"order":{"status":"new","symbol":"AAPL"}}"#, nameless.frame, Message.story(1)[0].frame,
        ])
        try await floor.feed(until: 5)
        #expect(
            try await floor.parked().map(\.parkReason) == [
                .malformed, .missingPayload, .missingIdentity, .missingIdentity,
            ])
        #expect(try await floor.recorded().map(\.classification) == [.applied])
        #expect(floor.watch.now.parked == 4)
    }

    @Test func `files an update without a symbol under its order's, and under its own partition`() async throws {
        let floor = try await FeedFloor()
        var messages = Message.story(1, symbol: "MSFT")
        messages[1].symbol = "UNKNOWN"
        try await floor.tell(messages.map(\.frame), key: "UNKNOWN")
        try await floor.feed(until: 3)
        let events = try await floor.events(on: TopicCatalog.orderEvents)
        #expect(events.map { $0.envelope.symbol?.text } == ["MSFT", "MSFT", "MSFT"])
    }

    @Test func `keeps equal ids of two accounts apart, and records what is out of scope as foreign`() async throws {
        var floor = try await FeedFloor()
        floor.scope.accounts = [FeedFloor.account, AccountLabel(trusted: "live")]
        var (mine, other, third) = (Message.story(1)[1], Message.story(1)[1], Message.story(1)[1])
        (mine.account, other.account, third.account) = ("paper", "live", "third")
        try await floor.tell([mine.frame, other.frame, third.frame])
        try await floor.feed(until: 3)
        #expect(try await floor.recorded().map(\.classification) == [.applied, .applied, .foreign])
    }

    /// One message each time, and the feed starts anew, from a snapshot or from the log.
    @Test(arguments: [true, false]) func `makes the same of it when it restarts at every record`(
        _ keeps: Bool
    ) async throws {
        let whole = try await FeedFloor()
        let messages = Self.mixture(seed: Storm.seed)
        try await whole.tell(messages)
        try await whole.feed(until: messages.count)
        let expected = try await whole.recorded()

        var pieces = try await FeedFloor()
        for (number, message) in messages.enumerated() {
            try await pieces.tell([message])
            if !keeps { pieces = pieces.forgetting }
            try await pieces.feed(until: number + 1)
        }
        #expect(pieces.watch.now.ready.count == messages.count)
        #expect(pieces.watch.now.ready.dropFirst().allSatisfy { $0.fromSnapshot == keeps })
        let recorded = try await pieces.recorded()
        #expect(recorded.map(Self.summary) == expected.map(Self.summary), "seed \(Storm.seed)")
    }

    @Test func `says all and nothing twice, whichever append fails and however`() async throws {
        let messages = Self.mixture(seed: Storm.seed)
        let last = Message.story(99)[0].frame
        let whole = try await FeedFloor()
        try await whole.tell(messages + [last])
        try await whole.feed(until: messages.count + 1)
        let expected = try await whole.recorded().map(Self.summary)
        for fault in [AppendFault.beforeWriting, .afterWriting] {
            for place in 0..<6 {
                var floor = try await FeedFloor()
                floor.limits.records = 5
                try await floor.tell(messages)
                let faults = Array(repeating: AppendFault.none, count: place) + [fault]
                let log = FaultyLog(floor.log, failing: "torghut.order-feed", faults)
                let work = Task { [floor] in try await OrderFeed(floor.context(log)).run() }
                // The first append says where the feed begins.
                try await floor.watch.wait { $0.retries == 1 && $0.ready.count == (place == 0 ? 1 : 2) }
                // What landed although its answer was lost is told to nobody, so only the log says when all is done.
                try await floor.tell([last])
                var recorded = try await floor.recorded()
                while recorded.count < expected.count {
                    let told = floor.watch.now.messages
                    recorded = try await floor.recorded()
                    if recorded.count < expected.count { try await floor.watch.wait { $0.messages > told } }
                }
                work.cancel()
                try await work.value
                #expect(recorded.map(Self.summary) == expected, "\(fault) at append \(place), seed \(Storm.seed)")
            }
        }
    }

    @Test func `ends when another one has taken over, and writes nothing more`() async throws {
        let floor = try await FeedFloor()
        let first = Task { try await OrderFeed(floor.context()).run() }
        try await floor.watch.wait { $0.ready.count == 1 }
        let second = Task { try await OrderFeed(floor.context(snapshots: "other")).run() }
        try await floor.watch.wait { $0.ready.count == 2 }
        try await floor.tell(Message.story(1).map(\.frame))
        try await floor.watch.wait { $0.isFenced && $0.messages == 3 }
        await #expect(throws: LogError.self) { try await first.value }
        second.cancel()
        try await second.value
        #expect(try await floor.recorded().count == 3)
    }

    /// What was made of a message, without when.
    static func summary(_ update: BrokerUpdateRecorded) -> String {
        "\(update.sourceTopic.text)/\(update.sourcePartition)/\(update.sourceOffset) \(update.classification) "
            + "\(update.classificationReason?.text ?? "-") \(update.filledQtyDelta?.description ?? "-")"
    }

    /// Orders side by side, doubled, late and with junk between, the same for each seed.
    static func mixture(seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        var messages: [String] = []
        for number in 1...8 {
            for message in Message.story(number) {
                messages.append(message.frame)
                if random.next() % 3 == 0 { messages.append(message.envelope(seq: number)) }
            }
            if random.next() % 4 == 0 { messages.append("junk \(number)") }
        }
        messages.shuffle(using: &random)
        return messages
    }
}

extension FeedFloor {
    /// The same floor, whose next feed finds no snapshot.
    fileprivate var forgetting: FeedFloor {
        var floor = self
        floor.folder = TemporaryFolder()
        return floor
    }
}
