import Core
import TestSupport
import Testing

@testable import Domain

@Suite struct `The story of an order` {
    /// So late that whatever has not come will not come.
    private static let late = Timestamp(nanoseconds: 1_770_878_100_000_000_000 + 400 * 86_400_000_000_000)

    private static func story(_ records: [StoryRecord]) -> Story {
        Story(records, at: late, held: StoryMaker.held)
    }

    @Test func `is complete when every link is there, and every event has a line and a place`() {
        for (name, records) in StoryMaker.all {
            let story = Self.story(records)
            let account = StoryAccount(story)
            #expect(account.holes.isEmpty, "\(name): \(account.holes)")
            #expect(account.verdict == .complete, "\(name)")
            let events = records.filter { $0.event != nil }
            #expect(Set(account.lines.map(\.place)) == Set(events.map(\.place)), "\(name)")
            #expect(account.lines.count == events.count, "\(name)")
            #expect(account.roots.count == 1 && account.roots[0].type == "decision.recorded", "\(name)")
        }
    }

    @Test func `misses exactly the record that is withheld, whichever it is`() {
        var withheld = 0
        for (name, records) in StoryMaker.all {
            for record in records {
                let story = Self.story(records.filter { $0 != record })
                let holes = story.holes
                let type = record.event?.content.type
                let isNamed =
                    holes.count == 1 && (type.map { holes[0].types.contains($0) } ?? (holes[0].link == .message))
                #expect(isNamed, "\(name), without \(type?.name ?? "message") at \(record.place): \(holes)")
                #expect(story.verdict == .incomplete)
                if let hole = holes.first {
                    // It shows at a record that is there.
                    #expect(
                        records.contains { $0.place == hole.shownBy && $0.place != record.place }, "\(name): \(hole)")
                    #expect(!hole.next.isEmpty && !hole.signs.isEmpty)
                }
                withheld += 1
            }
        }
        #expect(withheld > 80)
    }

    @Test func `is open, not incomplete, while what is to come has time`() throws {
        for (name, records) in StoryMaker.all {
            // Whatever begins of a story is no hole as long as the next step is not overdue; one append is one moment.
            let events = records.filter { $0.event != nil }
            let first = try #require(events.first)
            let story = Story([first], at: first.takenIn.advanced(by: .seconds(1)) ?? .latest)
            #expect(story.verdict == .open, "\(name): \(story.holes)")
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `is the same tree however its records come`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var offsets: [TopicPartition: Int64] = [:]
        var stories: [DecisionHash: [StoryRecord]] = [:]
        for event in StoryTeller(StoryTeller.Settings(seed: seed, orders: 25, symbols: 4)) {
            let source = TopicPartition(event.content.type.family.topic.name, 0)
            let offset = offsets[source, default: 0]
            offsets[source] = offset + 1
            let record = StoryRecord(.event(event), at: RecordPosition(source, offset))
            guard let decision = StoryNames(of: record).decision else { continue }
            stories[decision, default: []].append(record)
        }
        #expect(stories.count >= 20)
        for (decision, records) in stories.sorted(by: { $0.key < $1.key }) {
            let told = StoryAccount(Self.story(records))
            for _ in 0..<3 {
                // A record that is read twice is one record.
                let mixed = (records + records.prefix(2)).shuffled(using: &random)
                #expect(StoryAccount(Self.story(mixed)) == told, "seed \(seed), \(decision)")
            }
            let places = records.map(\.place)
            #expect(Set(told.lines.flatMap { [$0.place] + $0.repeated }) == Set(places), "seed \(seed)")
        }
    }

    @Test func `says a fill without an intent, and an order without route evidence`() {
        var maker = StoryMaker()
        maker.update("fill", "filled", broker: 1, filled: 10, of: 10)
        let alone = Self.story(maker.records).holes
        #expect(alone.map(\.link) == [.intent] && alone[0].signs == ["a fill without an intent"], "\(alone)")
        maker.decide()
        maker.emit()
        let unrouted = Self.story(maker.records).holes
        #expect(unrouted.map(\.link) == [.routeEvidence], "\(unrouted)")
    }

    @Test func `is followed by what was in force where it was judged`() {
        var control = StoryControl(symbol: Symbol(trusted: "AAPL"), strategy: nil)
        var maker = StoryMaker()
        let latch = maker.rollBack()
        for record in maker.records {
            if let event = record.event { control.fold(event, at: record.place) }
        }
        let words = control.inForce.compactMap { $0.event?.content.type.name }
        #expect(words == ["control.emergency_stop_latched", "control.lane_disabled"])
        #expect(control.inForce.contains { $0.event?.envelope.eventID == latch })
        // A stop that was in force is no part of the order's own story: its verdict is not asked for.
        var blocked = StoryMaker()
        blocked.decide()
        blocked.reject()
        let account = StoryAccount(Self.story(blocked.records + control.inForce.map(\.inForce)))
        #expect(account.verdict == .complete, "\(account.holes)")
        #expect(account.lines.filter { $0.role == .inForce }.count == 2)
    }
}

@Suite struct `A book of stories` {
    private let quiet = Timestamp(nanoseconds: 1_770_878_100_000_000_000 + 86_400_000_000_000)

    @Test func `lets go of what ended whole, and keeps what did not`() {
        for (name, records) in StoryMaker.all {
            var book = StoryBook()
            for record in records { book.add(record) }
            #expect(book.count == 1, "\(name)")
            #expect(book.sweep(at: quiet) { Story($0, at: .latest).isClosed } == 1 || name.contains("rollback"))
            var short = StoryBook()
            for record in records.dropLast() { short.add(record) }
            #expect(short.sweep(at: quiet) { Story($0, at: .latest).isClosed } == 0, "\(name)")
        }
    }

    @Test func `names as suspect what it has no room for`() {
        var limits = StoryBook.Limits()
        limits.open = 4
        var book = StoryBook(limits)
        var seen: Set<DecisionHash> = []
        for event in StoryTeller(StoryTeller.Settings(seed: 3, orders: 40, isPlain: true)) {
            let record = StoryRecord(.event(event), at: RecordPosition(TopicPartition("t", 0), Int64(seen.count)))
            if let decision = StoryNames(of: record).decision { seen.insert(decision) }
            book.add(record)
            if book.isFull { _ = book.sweep(at: event.envelope.ingestTime) { _ in false } }
        }
        #expect(book.count <= 5)
        #expect(book.suspects.union(book.held.map(\.decision)) == seen)
    }
}
