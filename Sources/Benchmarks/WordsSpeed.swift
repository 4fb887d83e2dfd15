import CAllocations
import Core
import Domain
import Foundation
import JSON
import Wire

/// Decoding and encoding of events on one core, beside simdjson's bare walk over the same bytes.
enum WordsSpeed {
    private static let rounds = 400_000

    static func run(into table: inout Table) async throws {
        for sample in try WordSamples.all() { try await compareWalk(sample, into: &table) }
        let sample = try WordSamples.failedEvaluations()
        let decoded = try await rate { try decode(sample) }
        table.add(speed("decode, \(sample.name)", decoded))
        let encoded = try await rate { encode(sample) }
        table.add(speed("encode, \(sample.name)", encoded))
        try await compareFoundation(sample, into: &table)
        for sample in try WordSamples.all() { table.add(try allocations(sample)) }
    }

    private static func compareWalk(_ sample: WordSamples, into table: inout Table) async throws {
        let walk = try BareWalk(over: sample)
        let contest = try await Contest(rounds: 9) {
            try decode(sample)
        } floor: {
            try walk.run(rounds)
        }
        table.add(
            Row(
                name: "decode \(sample.name) (\(sample.bytes) B) / bare simdjson walk", ours: each(contest.ours),
                floor: each(contest.floor), ratio: contest.ratio, target: .atMost(2)))
    }

    /// Foundation decodes fewer rounds: it takes too long for as many.
    private static func compareFoundation(_ sample: WordSamples, into table: inout Table) async throws {
        let decoder = JSONDecoder()
        let texts = sample.texts.map { Data($0) }
        for (text, event) in zip(texts, sample.events) {
            let mirrored = try decoder.decode(CodableEvent.self, from: text).event
            precondition(mirrored == event, "both read the same")
        }
        let fewer = rounds / 20
        let contest = try await Contest {
            try decode(sample)
        } floor: {
            var versions: Int64 = 0
            let took = try ContinuousClock().measure {
                for round in 0..<fewer {
                    versions += try decoder.decode(CodableEvent.self, from: texts[round % texts.count]).event.envelope
                        .seq
                }
            }
            precondition(versions > 0, "every event was read")
            return took * (rounds / fewer)
        }
        table.add(
            Row(
                name: "decode \(sample.name): times faster than JSONDecoder", ours: each(contest.ours),
                floor: each(contest.floor), ratio: 1 / contest.ratio, target: .none))
    }

    private static func allocations(_ sample: WordSamples) throws -> Row {
        var decoder = EventDecoder()
        let events = 10_000
        // Once before counting: buffers grow, and tables are made.
        for text in sample.texts { _ = try decoder.decode(text) }
        let before = callocations_count()
        for round in 0..<events { _ = try decoder.decode(sample.texts[round % sample.texts.count]) }
        let each = Double(callocations_count() - before) / Double(events)
        return Row(
            name: "allocations to decode \(sample.name) / strings kept", ours: Row.short(each),
            floor: "\(sample.keptStrings)", ratio: each / Double(sample.keptStrings), target: .atMost(1))
    }
}

extension WordsSpeed {
    private static func decode(_ sample: WordSamples) throws -> Duration {
        var decoder = EventDecoder()
        let texts = sample.texts
        var read: Int64 = 0
        let took = try ContinuousClock().measure {
            for round in 0..<rounds {
                if case .event(let event) = try decoder.decode(texts[round & (WordSamples.count - 1)]) {
                    read += event.envelope.seq > 0 ? 1 : 0
                }
            }
        }
        precondition(read == rounds, "every event was read")
        return took
    }

    private static func encode(_ sample: WordSamples) -> Duration {
        var encoder = EventEncoder()
        let events = sample.events
        var bytes = 0
        let took = ContinuousClock().measure {
            for round in 0..<rounds { bytes += encoder.encode(events[round & (WordSamples.count - 1)]).count }
        }
        precondition(bytes > rounds, "every event was written")
        return took
    }

    /// The median of nine.
    private static func rate(_ body: () throws -> Duration) async throws -> Duration {
        let contest = try await Contest(rounds: 9, ours: body, floor: { .zero })
        return contest.ours
    }

    private static func speed(_ name: String, _ took: Duration) -> Row {
        Row(
            name: "\(name), events/s / 1,000,000", ours: Row.perSecond(rounds, took), floor: "1,000,000/s",
            ratio: Double(rounds) / took.seconds / 1e6, target: .atLeast(1))
    }

    private static func each(_ took: Duration) -> String {
        "\(Int((took / rounds).seconds * 1e9)) ns, \(Row.perSecond(rounds, took))"
    }
}
