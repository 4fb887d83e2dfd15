import Domain
import Foundation
import Schemas
import TestSupport
import Testing
import Wire

/// What Python's jsonschema says of lines, by the files in `schemas/`.
enum PythonJudge {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    static let schemas = folder.appending(path: "../../schemas").standardizedFileURL.path()

    static func verdicts(on lines: [(schema: String, text: [UInt8])]) throws -> [Substring] {
        var input = Data()
        for line in lines {
            input += Data("\(line.schema)\t".utf8)
            input += Data(line.text)
            input.append(10)
        }
        let judged = try Judge.run(
            "/usr/bin/python3", [folder.appending(path: "judge_schemas.py").path(), schemas], input: input)
        try #require(judged.status == 0, "\(judged.errors)")
        try #require(judged.lines.count == lines.count)
        return judged.lines
    }
}

@Suite struct `The schemas and the codec` {
    private static func name(_ type: EventType) -> String { "\(type.name).v1" }

    /// Decoding gives the same value again: `Every type of event` holds that for the same seeds.
    @Test func `what we encode is valid to an outside judge, of every type and 200 seeds`() throws {
        var encoder = EventEncoder()
        var decoder = EventDecoder()
        var lines: [(schema: String, text: [UInt8])] = []
        for type in EventType.allCases {
            for seed in 0..<200 as Range<UInt64> {
                var generator = ValueGenerator(seed: seed)
                let event = generator.event(type)
                let text = encoder.encode(event)
                if try decoder.decode(text) != .event(event) {
                    Issue.record("\(type), seed \(seed) comes back changed")
                }
                lines.append((Self.name(type), text))
            }
        }
        for (line, verdict) in zip(lines, try PythonJudge.verdicts(on: lines)) where verdict != "ok" {
            Issue.record("\(line.schema): \(verdict): \(String(decoding: line.text, as: UTF8.self))")
        }
        print("events judged by jsonschema: \(lines.count)")
    }

    @Test func `our own judge takes them too`() throws {
        var encoder = EventEncoder()
        for family in EventFamily.allCases {
            let judge = try TopicJudge(EventSchema.of(family.topic))
            for type in family.types {
                for seed in 0..<10 as Range<UInt64> {
                    var generator = ValueGenerator(seed: seed)
                    let text = encoder.encode(generator.event(type))
                    let violations = judge.violations(of: text)
                    #expect(violations.isEmpty, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
                }
            }
        }
    }

    /// Samples whose envelope is ours; raw frames have no schema.
    @Test func `events that others wrote are valid`() throws {
        var decoder = EventDecoder()
        var lines: [(schema: String, text: [UInt8])] = []
        for sample in Samples.events {
            guard case .event(let event) = try decoder.decode(sample.bytes) else { continue }
            let flat = try JSONTree(parsing: sample.bytes).compactText
            lines.append((Self.name(event.content.type), flat))
        }
        #expect(lines.count == Samples.events.count)
        for (sample, verdict) in zip(Samples.events, try PythonJudge.verdicts(on: lines)) {
            #expect(verdict == "ok", "\(sample.path)")
        }
    }

    /// One fault at a time, wherever the event has a field; both judges must say the same, and both must often say no.
    @Test func `our own judge says yes and no where the outside one does`() throws {
        var lines: [(schema: String, text: [UInt8])] = []
        var ours: [Bool] = []
        for family in EventFamily.allCases {
            let judge = try TopicJudge(EventSchema.of(family.topic))
            for type in family.types {
                var generator = ValueGenerator(seed: 7)
                generator.alwaysPresent = true
                let event = try JSONTree(parsing: EventEncoder.append(generator.event(type), to: []))
                var spoiler = TreeSpoiler(seed: 11)
                for _ in 0..<60 {
                    let spoiled = spoiler.spoil(event)
                    // Another type is another schema, which Python is not asked for.
                    guard spoiled["event_type"] == event["event_type"], spoiled["version"] == event["version"] else {
                        continue
                    }
                    lines.append((Self.name(type), spoiled.compactText))
                    ours.append(judge.violations(of: spoiled.compactText).isEmpty)
                }
            }
        }
        let verdicts = try PythonJudge.verdicts(on: lines)
        for index in lines.indices where ours[index] != (verdicts[index] == "ok") {
            Issue.record(
                "\(lines[index].schema): we say \(ours[index]), Python \(verdicts[index]): \(String(decoding: lines[index].text, as: UTF8.self))"
            )
        }
        let refused = ours.count { !$0 }
        print("spoiled events judged by both: \(ours.count), refused: \(refused)")
        #expect(refused > ours.count / 3 && refused < ours.count)
    }
}
