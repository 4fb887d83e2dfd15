import Core
import Domain
import Foundation
import JSON
import Testing
import Wire

@Suite struct `An identity` {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/identity.md")

    private struct Vector: Decodable {
        let identity: String
        let text: String
        let gives: String
    }

    private func vectors() throws -> [Vector] {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let block = try #require(page.components(separatedBy: "```jsonl\n").last?.components(separatedBy: "```").first)
        return try block.split(separator: "\n").map { try JSONDecoder().decode(Vector.self, from: Data($0.utf8)) }
    }

    private func decision(
        _ parameters: [(String, String)], account: String = "paper"
    ) throws -> DecisionIdentity {
        try DecisionIdentity(
            account: AccountLabel(account), strategy: StrategyID("strat-1"), symbol: Symbol("AAPL"),
            eventTime: Timestamp("2026-02-01T12:00:00+02:00"), timeframe: .oneMinute, action: .buy,
            parameters: parameters.map { try IdentityParameter(name: Label($0), value: Label($1)) })
    }

    @Test func `is what the published vectors say`() throws {
        let vectors = try vectors()
        #expect(vectors.count >= 11)
        let hash = EventMint.hash(try decision([("price", "190.2")]))
        let cause = Cause(topic: "torghut.decisions.v1", partition: 3, offset: 1729)
        let intent = EventMint.intentID(of: hash, account: "paper")
        let made: [(text: [UInt8], gives: String)] = [
            (try decision([("price", "190.2")]).canonicalText, "\(hash)"),
            (try decision([]).canonicalText, "\(EventMint.hash(try decision([])))"),
            (
                EventOrigin.record(cause, .intents(.intentEmitted)).canonicalText,
                "\(EventMint.eventID(.record(cause, .intents(.intentEmitted))))"
            ),
            (
                EventOrigin.outside(source: "api", key: "order-42").canonicalText,
                "\(EventMint.eventID(.outside(source: "api", key: "order-42")))"
            ),
            (
                RowIdentity(table: "executions", account: "paper", key: "\(hash)").canonicalText,
                "\(EventMint.rowID(RowIdentity(table: "executions", account: "paper", key: "\(hash)")))"
            ),
        ]
        for vector in made {
            let text = String(decoding: vector.text, as: UTF8.self)
            #expect(vectors.first { $0.text == text }?.gives == vector.gives, "\(text)")
        }
        #expect(vectors.contains { $0.gives == "\(intent)" })
        #expect(vectors.contains { $0.gives == "\(EventMint.attemptID(of: intent, attempt: 1))" })
    }

    @Test func `can be checked from the page alone`() throws {
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "check_identity.py")
        python.arguments = [script.path(), Self.page.path()]
        try python.run()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
    }

    @Test func `of a decision knows no order of parameters, and every field`() throws {
        let base = EventMint.hash(try decision([("a", "1"), ("b", "2")]))
        #expect(EventMint.hash(try decision([("b", "2"), ("a", "1")])) == base)
        #expect(EventMint.hash(try decision([("a", "12"), ("b", "")].filter { $0.1 != "" })) != base)
        #expect(EventMint.hash(try decision([("a", "1"), ("b", "3")])) != base)
        #expect(EventMint.hash(try decision([("a", "1"), ("b", "2")], account: "live")) != base)
        // One value cannot pretend to be two fields.
        #expect(EventMint.hash(try decision([("a", "1\u{2028}param.b=1:2")])) != base)
        #expect(throws: DecisionIdentity.Fault.repeatedParameter("a")) { try decision([("a", "1"), ("a", "2")]) }
        #expect(throws: DecisionIdentity.Fault.tooManyParameters(allowed: 64, actual: 65)) {
            try decision((0..<65).map { ("p\($0)", "1") })
        }
    }

    @Test func `has version 8 and the variant of the standard`() {
        for key in 0..<200 {
            let text = "\(EventMint.eventID(.outside(source: "test", key: "\(key)")))"
            let digits = Array(text)
            #expect(digits[14] == "8" && "89ab".contains(digits[19]), "\(text)")
        }
    }

    @Test func `differs for each ordinal, type and step of one cause`() {
        var seen: Set<EventID> = []
        for ordinal in 0..<50 as Range<Int32> {
            for type in EventType.allCases {
                let cause = Cause(topic: "torghut.route.v1", partition: 1, offset: 2, ordinal: ordinal)
                #expect(seen.insert(EventMint.eventID(.record(cause, type))).inserted)
            }
        }
        #expect(seen.insert(EventMint.eventID(.step(of: "torghut.route.v1/1/2", "decision.recorded"))).inserted)
    }
}
