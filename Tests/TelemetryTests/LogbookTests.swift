import Core
import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite struct `The program's log` {
    struct FixedTime: TimeSource {
        func now() -> Timestamp { Timestamp(nanoseconds: 1_704_067_200_120_000_000) }
        func uptime() -> Duration { .zero }
    }

    final class Lines: Sendable {
        private let lines = Mutex<[[UInt8]]>([])
        func take(_ line: [UInt8]) { lines.withLock { $0.append(line) } }
        var all: [[UInt8]] { lines.withLock { $0 } }
        var text: String { String(decoding: all.joined(), as: UTF8.self) }
    }

    private func logbook(from level: Logbook.Level = .debug) -> (Logbook, Lines) {
        let lines = Lines()
        return (Logbook(from: level, time: FixedTime(), to: lines.take), lines)
    }

    @Test func `is one JSON object a line, with time, level, event and fields in the order given`() throws {
        let (log, lines) = logbook()
        let notional = try Amount("12.50")
        log.warning(
            "segment_cut",
            [
                "file": "0001.seg", "bytes": 512, "torn": true, "took": .duration(.microseconds(1_500)),
                "at": .timestamp(.epoch), "notional": .amount(notional), "share": .number(0.25),
                "ratio": .number(.nan), "count": .integer(3),
            ])
        #expect(
            lines.text == """
                {"ts":"2024-01-01T00:00:00.12Z","level":"warning","event":"segment_cut","file":"0001.seg","bytes":512,\
                "torn":true,"took":0.0015,"at":"1970-01-01T00:00:00Z","notional":"12.5","share":0.25,"ratio":"nan",\
                "count":3}

                """)
    }

    @Test(arguments: Logbook.Level.allCases)
    func `lines below the level are not written, and their fields not computed`(minimum: Logbook.Level) {
        let (log, lines) = logbook(from: minimum)
        var computed = 0
        func field() -> LogField {
            computed += 1
            return "x"
        }
        log.debug("e", ["f": field()])
        log.info("e", ["f": field()])
        log.warning("e", ["f": field()])
        log.error("e", ["f": field()])
        let expected = Logbook.Level.allCases.count { $0 >= minimum }
        #expect(lines.all.count == expected && computed == expected)
    }

    @Test func `a secret leaves no trace, however it is logged`() {
        struct Settings { let password: Secret<String> }
        struct Refused: Error { let settings: Settings }
        let (log, lines) = logbook()
        let settings = Settings(password: Secret("hunter2"))
        log.info("connecting", ["password": .secret(settings.password), "settings": .text("\(settings)")])
        log.error("refused", ["error": .failure(Refused(settings: settings)), "seen": .text("\(settings.password)")])
        #expect(lines.all.count == 2)
        #expect(!lines.text.contains("hunter2"))
        #expect(lines.text.contains("\"password\":\"[redacted]\""))
    }

    @Test func `a name that is taken gets an underscore, so that no reader loses one of two`() {
        let (log, lines) = logbook()
        log.info("e", ["event": 1, "x": 2, "x": 3, "ts": 4, "fields_dropped": 5])
        #expect(lines.text.hasSuffix(#""event":"e","event_":1,"x":2,"x_":3,"ts_":4,"fields_dropped_":5}"# + "\n"))
    }

    /// One scalar of each kind would not do: Python reads every one of them back.
    @Test func `Python reads back every character there is`() throws {
        let (log, lines) = logbook()
        var sent = ""
        for start in stride(from: UInt32(0), to: 0x11_0000, by: 64) {
            var chunk = String.UnicodeScalarView()
            for value in start..<start + 64 { if let scalar = Unicode.Scalar(value) { chunk.append(scalar) } }
            let text = String(chunk)
            log.info("scalars", ["text": .text(text)])
            sent += text
        }
        let script = """
            import json, sys
            lines = sys.stdin.buffer.read().decode("utf-8").splitlines()
            print("".join(json.loads(line)["text"] for line in lines).encode("utf-8").hex())
            """
        let verdict = try Judge.python(script, input: Data(lines.all.joined()))
        #expect(verdict.status == 0, "\(verdict.errors)")
        let expected = sent.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(verdict.output == expected + "\n")
    }

    @Test func `whatever is logged, Python reads a line within its limit`() throws {
        let (log, lines) = logbook()
        var sent: [[String]] = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let texts = (0..<6).map { _ in anyText(&generator) }
            log.error(
                "e",
                [
                    "a": .text(texts[0]), "b": .text(texts[1]), "c": .text(texts[2]), "d": .text(texts[3]),
                    "e": .text(texts[4]), "f": .text(texts[5]),
                ])
            sent.append(texts)
        }
        for line in lines.all {
            #expect(line.count <= LogLineLimits.maximumLineBytes)
            #expect(line.last == 0x0A && line.count { $0 == 0x0A } == 1)
        }
        let script = """
            import json, sys
            for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
                o = json.loads(line, object_pairs_hook=lambda pairs: pairs)
                assert len({k for k, v in o}) == len(o)
                print(" ".join(f"{k}={v.encode().hex() if isinstance(v, str) else v}" for k, v in o[3:]))
            """
        let verdict = try Judge.python(script, input: Data(lines.all.joined()))
        #expect(verdict.status == 0, "\(verdict.errors)")
        try #require(verdict.lines.count == sent.count)
        for (seed, line) in verdict.lines.enumerated() { check(line, against: sent[seed], "seed \(seed)") }
    }

    /// Each field is whole, or a beginning of what was sent with an ellipsis; those missing are counted.
    private func check(_ line: Substring, against sent: [String], _ comment: Comment) {
        let fields = line.split(separator: " ").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
        var dropped = sent.count
        for field in fields where field[0].count == 1 {
            dropped -= 1
            let index = Int(field[0].utf8.first ?? 0) - 97
            let original = sent[index].utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let isCut = field[1] != original[...]
            if isCut { #expect(field[1].hasSuffix("e280a6") && original.hasPrefix(field[1].dropLast(6)), comment) }
        }
        #expect(fields.last?.first == "fields_dropped" ? fields.last?.last == "\(dropped)" : dropped == 0, comment)
    }

    @Test func `a text at its limit is whole, and one byte more is cut`() {
        let (log, lines) = logbook()
        let longest = String(repeating: "x", count: LogLineLimits.maximumTextBytes)
        log.info("e", ["t": .text(longest)])
        log.info("e", ["t": .text(longest + "x")])
        #expect(lines.text.contains("\"\(longest)\"}"))
        #expect(lines.text.contains("\"\(longest.dropLast(3))…\"}"))
    }

    private func anyText(_ generator: inout SplitMix64) -> String {
        var text = String.UnicodeScalarView()
        let widest: UInt32 = [0x20, 0x80, 0x3000, 0x11_0000][Int.random(in: 0..<4, using: &generator)]
        for _ in 0..<Int.random(in: 0...1_500, using: &generator) {
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<widest, using: &generator)) { text.append(scalar) }
        }
        return String(text)
    }
}
