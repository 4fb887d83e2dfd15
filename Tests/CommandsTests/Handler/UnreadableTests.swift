import Commands
import Core
import Domain
import Folding
import TestSupport
import Testing
import Wire

@Suite struct `A record that the handler cannot read` {
    private func garbage(on topic: CatalogTopic, _ text: String = "{") -> NewRecord {
        NewRecord(topic: topic.name, partition: 0, key: Array("AAPL".utf8), value: Array(text.utf8))
    }

    @Test(arguments: [TopicCatalog.control, TopicCatalog.orderIntents, TopicCatalog.route])
    func `holds everything back when only we write its topic, until an operator skips it`(
        topic: CatalogTopic
    ) async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([garbage(on: topic)])
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("a block") { $0.counts.blocked == 1 }
        let seen = try #require(floor.watch.now.unreadable.first)
        #expect(seen.holds && seen.place.source.topic == topic.name)

        let record = ParkedKey(
            projection: Label(trusted: "commands"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: topic.name), sourcePartition: 0, sourceOffset: seen.place.offset)
        let skipped = QuarantineSkipped(order: TradingFloor.order(), record: record)
        try await floor.append([floor.event(.control(.quarantineSkipped(skipped)))])
        try await floor.append([floor.decision(2)])
        try await floor.watch.wait("an intent") { $0.counts.intents == 1 }
        try await working.stop()
        #expect(try await floor.log.answers().first { !$0.event.isIntent }?.event.blockReasons == [.controlFactsStale])
    }

    private func skip(_ place: RecordPosition, in floor: TradingFloor) async throws {
        let record = ParkedKey(
            projection: Label(trusted: "commands"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: place.source.topic), sourcePartition: Int64(place.source.partition),
            sourceOffset: place.offset)
        let skipped = QuarantineSkipped(order: TradingFloor.order(), record: record)
        try await floor.append([floor.event(.control(.quarantineSkipped(skipped)))])
    }

    /// Who may write decisions may not say what an operator says.
    @Test func `is one of another family than its topic's, which is not obeyed`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        var encoder = EventEncoder()
        let engaged = floor.event(
            .control(
                .killSwitchEngaged(
                    KillSwitchEngaged(
                        order: TradingFloor.order(), killSource: .command, triggeredAt: floor.time.now(), reached: [],
                        notReached: []))))
        var record = encoder.record(engaged)
        record.topic = TopicCatalog.decisions.name
        try await floor.append([record])
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("both") { $0.counts.decisions == 1 && $0.counts.parked == 1 }
        #expect(floor.watch.now.counts.intents == 1)
        // And a decision on control is none: it holds, because nobody knows what it was to be.
        var decision = encoder.record(floor.decision(2))
        (decision.topic, decision.partition) = (TopicCatalog.control.name, 0)
        try await floor.append([decision])
        try await floor.watch.wait("the hold") { $0.unreadable.last?.holds == true }
        try await floor.append([floor.decision(3)])
        try await floor.watch.wait("a block") { $0.counts.blocked == 1 }
        try await working.stop()
        #expect(floor.watch.now.counts.decisions == 2)
    }

    @Test func `is named as long as it holds everything back, and then the next one`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([garbage(on: TopicCatalog.orderIntents), garbage(on: TopicCatalog.route)])
        let working = Working(floor.context())
        try await floor.watch.wait("both") { $0.unreadable.count == 2 }
        let places = floor.watch.now.unreadable.map(\.place)
        #expect(floor.watch.now.holds == [places[0].description, places[0].description])
        try await skip(places[0], in: floor)
        try await floor.watch.wait("the other one") { $0.holds.last == places[1].description }
        try await working.stop()
        // Nothing is kept of what was not read: the next start finds the other one again, and the first is settled.
        #expect(floor.watch.now.saved == 0)
        let again = CommandWatch()
        let second = Working(floor.context(watch: again))
        try await again.wait("a start") { $0.ready.count == 1 }
        #expect(again.now.holds.last == places[1].description && again.now.ready.first?.fromSnapshot == false)
        try await skip(places[1], in: floor)
        try await again.wait("nothing") { $0.holds.last == .some(nil) }
        try await second.stop()
        #expect(again.now.saved == 1)
    }

    /// What one of these records says may be an order to stop: it is folded before anybody claims to know control.
    @Test func `is known before control is called read to its end`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let log = ProofLog(floor)
        let working = Working(floor.context(log))
        try await floor.watch.wait("a start") { $0.ready.count == 1 }
        try await floor.append([garbage(on: TopicCatalog.control)])
        try await floor.watch.wait("the record") { $0.unreadable.count == 1 }
        while log.proofs == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await working.stop()
        #expect(log.early == 0)
    }

    @Test func `is folded as an operator's patch says`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([garbage(on: TopicCatalog.control)])
        let working = Working(floor.context())
        try await floor.watch.wait("the record") { $0.unreadable.count == 1 }
        let place = try #require(floor.watch.now.unreadable.first).place
        let engaged = KillSwitchEngaged(
            order: TradingFloor.order(), killSource: .command, triggeredAt: floor.time.now(), reached: [],
            notReached: [])
        var encoder = EventEncoder()
        let record = ParkedKey(
            projection: Label(trusted: "commands"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: TopicCatalog.control.name), sourcePartition: 0,
            sourceOffset: place.offset)
        let patched = QuarantinePatched(
            order: TradingFloor.order(), record: record,
            patchedValue: try Octets(encoder.encode(floor.event(.control(.killSwitchEngaged(engaged))))),
            originalSHA256: EventMint.content([]))
        try await floor.append([floor.event(.control(.quarantinePatched(patched)))])
        try await floor.append([floor.decision(1)])
        try await floor.watch.wait("a block") { $0.counts.blocked == 1 }
        try await working.stop()
        #expect(try await floor.log.answers().first?.event.blockReasons == [.killSwitchEnabled])
    }

    /// Its own words may not stop us: a name with NUL in it, and a key as long as a record.
    @Test func `is put aside on the decisions' topic whatever it holds, and the next one is answered`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let named = garbage(on: TopicCatalog.decisions, #"{"payload":{"a\u0000":1,"a\u0000":2}}"#)
        let long = NewRecord(
            topic: TopicCatalog.decisions.name, partition: 0, key: [UInt8](repeating: 0x6B, count: 200_000),
            value: [UInt8](repeating: 0x7B, count: 700_000))
        try await floor.append([named, long])
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("an intent") { $0.counts.intents == 1 }
        try await working.stop()
        #expect(floor.watch.now.counts.parked == 2)
    }

    @Test func `is only counted where the facts are renewed`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([garbage(on: TopicCatalog.account), garbage(on: TopicCatalog.orderEvents)])
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("an intent") { $0.counts.intents == 1 }
        try await working.stop()
        #expect(floor.watch.now.unreadable.map(\.holds) == [false, false])
    }

    @Test func `is only counted however many there are`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let many = UnreadRecords.maximum + 10
        try await floor.append((0..<many).map { _ in garbage(on: TopicCatalog.account) })
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("an intent") { $0.counts.intents == 1 }
        try await working.stop()
    }

    @Test func `is put aside when it should be a decision, in the append that passes it over`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([garbage(on: TopicCatalog.decisions, #"{"event_id":"x"}"#)])
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("both") { $0.counts.intents == 1 && $0.counts.parked == 1 }
        try await working.stop()
        let letters = try await floor.log.all(TopicCatalog.quarantine)
        guard case .quarantine(.recordParked(let letter)) = try #require(letters.first).event.content else {
            return #expect(Bool(false), "no letter")
        }
        #expect(letters.count == 1 && letter.record.sourceTopic.text == TopicCatalog.decisions.name)
        #expect(letter.recordValue?.bytes == Array(#"{"event_id":"x"}"#.utf8))
        #expect(try await floor.log.answers().count == 1)
    }
}
