import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct Scenarios {
    /// The orders that a line of the scenario names with these words.
    private static func orders(_ lines: [String], _ words: String) -> [String] {
        lines.filter { $0.hasSuffix(": " + words) && $0.contains(": order ") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first.map { String($0.dropLast()) } }
    }

    @Test func `are seen on the log as the stories that they are`() async throws { try await Self.hold() }

    /// A soak plays those too that take their time.
    static func hold() async throws {
        let house = try await SimulatedHouse(perSecond: 8)
        try await Self.timeouts(house)
        try await Self.lies(house)
        try await Self.poison(house)
        if Storm.isOn {
            try await Self.outage(house)
            try await Self.drill(house)
            try await Self.cut(house)
        }
        try await Self.breach(house)
        #expect(try await house.broker.control("/_sim/summary")("most_live_or_filled", as: Int.self) == 1)
        try await house.stop()
    }

    private static func timeouts(_ house: SimulatedHouse) async throws {
        let lines = try await house.play("lean-timeouts")
        let (absent, late) = (orders(lines, "not passed on, and no answer"), orders(lines, "passed on, and no answer"))
        #expect(absent.count >= 4 && late.count >= 4, "\(lines)")
        let order = try #require(absent.first)
        try await eventually("a fallback to Alpaca after proof") {
            let route = try await house.route(of: order)
            let steps = ["attempt_unknown", "attempt_resolved", "fallback_decided", "attempt_accepted"]
            let places = steps.compactMap { route.firstIndex(of: "route.\($0)") }
            return places.count == steps.count && places == places.sorted()
        }
        let found = try #require(late.first)
        try await eventually("an order that is found, and no fallback") {
            let route = try await house.route(of: found)
            return route.contains("route.attempt_resolved") && !route.contains("route.fallback_decided")
        }
    }

    private static func lies(_ house: SimulatedHouse) async throws {
        let lines = try await house.play("lean-lies")
        let never = orders(lines, "said to be accepted, and never passed on")
        let taken = orders(lines, "taken by the broker, and said to be refused")
        #expect(never.count == 3 && taken.count == 3, "\(lines)")
        let known = try await house.broker.control("/_sim/summary").text
        for order in never {
            #expect(!known.contains(order))
            #expect(try await house.route(of: order).last == "route.attempt_accepted")
        }
        // One order of each, though LEAN refused it: Alpaca was asked for it again, unless the broker's own word of it came
        // before the refusal, which nobody believes then.
        var routes: [[String]] = []
        try await eventually("orders that are found") {
            routes = []
            for order in taken { routes.append(try await house.route(of: order)) }
            return routes.allSatisfy { $0.contains("route.attempt_resolved") }
        }
        for route in routes {
            let (isBelieved, isAskedAgain) = (
                route.contains("route.attempt_rejected"), route.contains("route.fallback_decided")
            )
            #expect(isBelieved == isAskedAgain && route.contains("route.attempt_unknown"), "\(route)")
        }
    }

    private static func poison(_ house: SimulatedHouse) async throws {
        _ = try await house.play("poison")
        try await eventually("one parked key") {
            let parked = try await house.api.curl("/trading/quarantine?status=parked").body
            return parked.contains("\"park_reason\":\"unstorable\"")
        }
        let parked = try await house.events(TopicCatalog.quarantine)
        #expect(parked.count == 1, "\(parked)")
        // The update lies on both versions of its topic: behind the first record waits the same once more.
        try await eventually("a free key") {
            guard let place = try await parkedPlace(house) else { return true }
            let said = try await house.api.post(
                "/trading/quarantine?wait=10", #"{"record":"\#(place)","action":"skip","reason":"nobody's fill"}"#)
            #expect([200, 409].contains(said.status), "\(said)")
            return false
        }
    }

    /// Of a record that waits for an operator.
    private static func parkedPlace(_ house: SimulatedHouse) async throws -> String? {
        let body = try await house.api.curl("/trading/quarantine?status=parked").body
        let rows = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: any Sendable]]
        guard let row = try #require(rows).first else { return nil }
        return ["source_topic", "source_partition", "source_offset"].map { "\(row[$0] ?? "")" }.joined(separator: "/")
    }

    private static func outage(_ house: SimulatedHouse) async throws {
        let before = try await house.events(TopicCatalog.route).count {
            $0["event_type"] as? String == "route.attempt_unknown"
        }
        _ = try await house.play("broker-outage", "--seconds", "1")
        try await eventually("attempts in doubt") {
            let doubts = try await house.events(TopicCatalog.route).count {
                $0["event_type"] as? String == "route.attempt_unknown"
            }
            return doubts > before
        }
        let submits = try await house.submits()
        try await eventually("orders again") { try await house.submits() > submits }
    }

    private static func drill(_ house: SimulatedHouse) async throws {
        let lines = try await house.play("kill-drill")
        #expect(
            lines.contains { $0.hasSuffix("orders have stopped") }
                && lines.contains { $0.hasSuffix("orders come again") })
        let words = try await house.events(TopicCatalog.control).compactMap { $0["event_type"] as? String }
        let engaged = try #require(words.lastIndex(of: "control.kill_switch_engaged"))
        #expect(words[engaged...].contains("control.kill_switch_released"))
    }

    private static func cut(_ house: SimulatedHouse) async throws {
        let lines = try await house.play("stream-cut")
        for words in ["the connection is gone", "somebody listens again", "somebody noticed, and listens again"] {
            #expect(lines.contains { $0.hasSuffix(words) }, "\(lines)")
        }
        let ready = try await house.events(TopicCatalog.control).compactMap { event -> Bool? in
            guard event["event_type"] as? String == "control.stream_lease_taken" else { return nil }
            return (event["payload"] as? [String: any Sendable])?["ready_until"] is String
        }
        // Ready, silent, and ready again; a cut may be over before it is told.
        let lost = try #require(ready.drop { !$0 }.firstIndex(of: false), "\(ready)")
        #expect(ready[lost...].contains(true), "\(ready)")
    }

    private static func breach(_ house: SimulatedHouse) async throws {
        let lines = try await house.play("canary-breach")
        #expect(lines.contains { $0.contains("the gate has stopped LEAN") }, "\(lines.suffix(3))")
        let control = try await house.events(TopicCatalog.control)
        let words = control.compactMap { $0["event_type"] as? String }
        #expect(words.contains("control.emergency_stop_latched") && words.contains("control.lane_disabled"))
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: scenarios` {
    @Test func `all of them, one after the other`() async throws {
        try await Scenarios.hold()
    }
}
