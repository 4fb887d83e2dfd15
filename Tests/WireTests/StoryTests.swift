import Core
import Domain
import TestSupport
import Testing
import Wire

/// A log of one partition, which gives events their places.
private struct Story {
    private(set) var events: [(event: Event, place: Cause)] = []

    mutating func begin(_ event: Event) { append(event) }

    /// An event that follows from an earlier one.
    mutating func derive(_ type: EventType, from index: Int, ordinal: Int32 = 0) {
        let (parent, place) = events[index]
        var generator = ValueGenerator(seed: UInt64(events.count))
        let content = generator.event(type).content
        let cause = Cause(topic: place.topic, partition: place.partition, offset: place.offset, ordinal: ordinal)
        append(EventMint.derive(content, from: parent, at: cause) { $0.seq = 1 })
    }

    private mutating func append(_ event: Event) {
        let topic = event.content.type.family.topic.name
        events.append((event, Cause(topic: topic, partition: 0, offset: Int64(events.count))))
    }
}

@Suite struct `A story from decision to verdict` {
    private func story() throws -> Story {
        var story = Story()
        let id = EventMint.eventID(.outside(source: "api", key: "decision-1"))
        var generator = ValueGenerator(seed: 1)
        var first = generator.event(.decisions(.decisionRecorded))
        first.envelope.eventID = id
        first.envelope.correlation = StoryID(high: id.high, low: id.low)
        first.envelope.causation = nil
        first.envelope.cause = nil
        story.begin(first)
        story.derive(.intents(.intentEmitted), from: 0)
        story.derive(.route(.attemptPrepared), from: 1)
        story.derive(.route(.attemptSent), from: 2)
        story.derive(.route(.attemptRejected), from: 2, ordinal: 1)
        story.derive(.route(.fallbackDecided), from: 4)
        story.derive(.route(.attemptPrepared), from: 5)
        story.derive(.route(.attemptAccepted), from: 6)
        story.derive(.orderEvents(.brokerUpdateRecorded), from: 7)
        story.derive(.orderEvents(.brokerUpdateRecorded), from: 7, ordinal: 1)
        story.derive(.shadow(.shadowSimulated), from: 1, ordinal: 1)
        story.derive(.canary(.canaryJudged), from: 5, ordinal: 1)
        story.derive(.canary(.incidentOpened), from: 11)
        return story
    }

    @Test func `has no dangling cause, one correlation, and no id twice, also after the wire`() throws {
        let story = try story()
        var decoder = EventDecoder()
        var encoder = EventEncoder()
        var read: [EventID: Envelope] = [:]
        for (event, _) in story.events {
            guard case .event(let back) = try decoder.decode(encoder.encode(event)) else {
                Issue.record("\(event.content.type) did not come back")
                continue
            }
            #expect(read.updateValue(back.envelope, forKey: back.envelope.eventID) == nil)
        }
        #expect(read.count == 13)
        let places = Dictionary(uniqueKeysWithValues: story.events.map { ($0.place.place, $0.event.envelope.eventID) })
        for (event, _) in story.events.dropFirst() {
            let envelope = try #require(read[event.envelope.eventID])
            let parent = try #require(envelope.causation.flatMap { read[$0] }, "\(event.content.type) has no parent")
            #expect(envelope.correlation == parent.correlation)
            #expect(envelope.account == parent.account && envelope.symbol == parent.symbol)
            // The place named is the parent's own.
            #expect(places[try #require(envelope.cause).place] == envelope.causation)
        }
        #expect(Set(read.values.map(\.correlation)).count == 1)
    }

    @Test func `is the same when it is derived again`() throws {
        #expect(try story().events.map(\.event) == story().events.map(\.event))
    }
}
