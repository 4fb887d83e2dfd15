import Core
import Domain
import TestSupport
import Testing
import Wire

@Suite struct `What the decider needs of a record` {
    static let wanted = Set(
        [EventFamily.decisions, .intents, .route, .orderEvents, .account, .control, .canary].flatMap(\.types))

    private func quick(_ bytes: [UInt8]) throws -> (fact: DecisionFact?, moment: Timestamp) {
        var decoder = DecisionFactDecoder(wanting: Self.wanted)
        switch try unsafe decoder.decode(bytes.span.bytes) {
        case .fact(let fact, _, let moment): return (fact, moment)
        case .decision(let event): return (nil, event.envelope.ingestTime)
        case .passed(_, let moment): return (.moment, moment)
        case .opaque(let event): return (nil, event.envelope.ingestTime)
        }
    }

    /// Every event that is told, with everything odd that happens to it.
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func `is the same, whether the record is read in a hurry or whole`(seed: UInt64) throws {
        var kinds = Set<EventType>()
        for event in StoryTeller(StoryTeller.Settings(seed: seed, orders: 300)) {
            guard Self.wanted.contains(event.content.type) else { continue }
            if case .decisions = event.content { continue }
            kinds.insert(event.content.type)
            var encoder = EventEncoder()
            let (fact, moment) = try quick(encoder.encode(event))
            #expect(fact == DecisionFact(event), "seed \(seed): \(event.content.type.name)")
            #expect(moment == event.envelope.ingestTime)
        }
        for type in [
            EventType.intents(.intentEmitted), .intents(.decisionRejected), .intents(.decisionBlocked),
            .route(.attemptAccepted), .orderEvents(.brokerUpdateRecorded), .orderEvents(.orderSnapshotObserved),
        ] { #expect(kinds.contains(type), "\(type) was told") }
    }

    /// A field that stands elsewhere, once more, or that nobody knows: then the record is read whole, and says the same.
    @Test func `is read whole when a record looks in any way different`() throws {
        var encoder = EventEncoder()
        for event in StoryTeller(StoryTeller.Settings(seed: 7, orders: 60)) {
            guard Self.wanted.contains(event.content.type) else { continue }
            if case .decisions = event.content { continue }
            let text = String(decoding: encoder.encode(event), as: UTF8.self)
            let spaced = text.replacing(#""payload":{"#, with: #""payload": {"new_field":1,"#)
            #expect(try quick(Array(spaced.utf8)).fact == DecisionFact(event), "\(event.content.type.name)")
            let shuffled = text.replacing(#"{"event_id""#, with: #"{"new":null,"event_id""#)
            #expect(try quick(Array(shuffled.utf8)).fact == DecisionFact(event), "\(event.content.type.name)")
            // What changes nothing is passed over unread.
            guard DecisionFact(event) != .moment, let hash = text.range(of: #""decision_hash":""#) else { continue }
            let twice = text.replacingCharacters(
                from: hash.lowerBound, with: #""decision_hash":"\#(String(repeating: "0", count: 64))","#)
            #expect(throws: WireError.self) { _ = try quick(Array(twice.utf8)) }
        }
    }

    /// Writers other than ours begin alike and go on in an order of their own.
    @Test func `is the same when a field that may be missing stands behind everything else`() throws {
        var encoder = EventEncoder()
        var whole = EventDecoder()
        var moved = 0
        for event in StoryTeller(StoryTeller.Settings(seed: 5, orders: 100)) {
            guard Self.wanted.contains(event.content.type), DecisionFact(event) != .moment else { continue }
            if case .decisions = event.content { continue }
            let text = String(decoding: encoder.encode(event), as: UTF8.self)
            for name in ["cause", "requested_qty", "rationale", "filled_qty", "decision_hash", "client_order_id"] {
                guard let other = moving(name, in: text, behind: name == "cause" ? "}" : "}}") else { continue }
                guard case .event(let read) = try whole.decode(Array(other.utf8)) else { continue }
                moved += 1
                let fact = try quick(Array(other.utf8)).fact
                #expect(fact == DecisionFact(read), "\(event.content.type.name): \(name)")
            }
        }
        #expect(moved > 100)
    }

    private func moving(_ name: String, in text: String, behind end: String) -> String? {
        guard let start = text.range(of: "\"\(name)\":\"")?.lowerBound,
            let behind = text[start...].ranges(of: "\",").first?.upperBound
        else { return nil }
        let rest = text[..<start] + text[behind...]
        return "\(rest.dropLast(end.count)),\(text[start..<behind].dropLast())\(end)"
    }

    @Test func `is not passed over in a version that nobody knows`() throws {
        var encoder = EventEncoder()
        var kinds = Set<EventType>()
        for event in StoryTeller(StoryTeller.Settings(seed: 5, orders: 100)) {
            guard Self.wanted.contains(event.content.type), kinds.insert(event.content.type).inserted else { continue }
            let text = String(decoding: encoder.encode(event), as: UTF8.self)
            let later = Array(text.replacing(#""version":1,"#, with: #""version":9,"#, maxReplacements: 1).utf8)
            var decoder = DecisionFactDecoder(wanting: Self.wanted)
            guard case .opaque(let read) = try unsafe decoder.decode(later.span.bytes) else {
                #expect(Bool(false), "\(event.content.type.name) was taken for one of today")
                continue
            }
            #expect(read.version == 9)
        }
        #expect(kinds.contains(.route(.attemptPrepared)))
    }

    @Test func `is refused when what is needed is no value of its field`() throws {
        var encoder = EventEncoder()
        let events = Array(StoryTeller(StoryTeller.Settings(seed: 3, orders: 40, isPlain: true)))
        let intent = try #require(events.first { $0.content.type == .intents(.intentEmitted) })
        let text = String(decoding: encoder.encode(intent), as: UTF8.self)
        for broken in [
            text.replacing(#""side":""#, with: #""side":"x"#), text.replacing(#""qty":""#, with: #""qty":"x"#),
            String(text.dropLast()), text.replacing(#""symbol":"#, with: #""simbol":"#),
        ] {
            #expect(broken != text)
            #expect(throws: WireError.self) { _ = try quick(Array(broken.utf8)) }
        }
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? { ranges(of: part).first }

    fileprivate func replacingCharacters(from place: String.Index, with text: String) -> String {
        String(self[..<place]) + text + String(self[place...])
    }
}
