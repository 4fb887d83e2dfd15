import Backtesting
import Bus
import Core
import Domain
import Engine
import Foundation
import TestSupport
import Testing

@Suite struct `Reading market data` {
    private let folder = TemporaryFolder()
    private static let symbols: [Symbol] = {
        do { return [try Symbol("BTC/USD"), try Symbol("AAPL")] } catch { fatalError("\(error)") }
    }()

    private func reader(
        _ symbols: [Symbol] = symbols, _ change: (inout TapeReader.Limits) -> Void = { _ in }
    ) -> TapeReader {
        var limits = TapeReader.Limits()
        change(&limits)
        return TapeReader(of: symbols, timeframe: 60_000_000_000, limits)
    }

    private func file(_ text: String) throws -> String {
        let path = folder.path + "/data-\(UUID().uuidString)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func fault(
        _ text: String, _ format: TapeReader.Format, _ kind: MarketKind, _ symbols: [Symbol] = symbols,
        _ change: (inout TapeReader.Limits) -> Void = { _ in }
    ) throws -> String {
        var reader = reader(symbols, change)
        let path = try file(text)
        do throws(SourceFault) { try reader.read(path, named: "x", format, holding: kind) } catch {
            return error.description
        }
        return "read"
    }

    @Test func `takes bars and quotes by our names and by Alpaca's, and arranges them by time`() throws {
        var reader = reader()
        let csv = """
            t,S,o,h,l,c,v,vw\r
            2026-02-12T06:36:00Z,BTC/USD,100,101,99,100.5,12,1\r
            1770878040000,AAPL,10,11,9,10,0,1\r
            2026-02-12T06:34:00Z,ETH/USD,1,1,1,1,1,1\r

            """
        try reader.read(try file(csv), named: "a.csv", .csv, holding: .bars)
        let lines = """
            {"T":"q","S":"BTC/USD","bp":99.5,"ap":"100.5","bs":1,"as":2,"t":"2026-02-12T06:36:30.5Z","extra":[1]}

            {"symbol":"AAPL","bid":"9","ask":"11","ts":1770878041000}
            """
        try reader.read(try file(lines), named: "b.jsonl", .jsonLines, holding: .quotes)
        var tape = reader.tape
        tape.arrange()
        #expect(reader.receipts.map(\.rows) == [2, 2] && reader.receipts.map(\.passedOver) == [1, 0])
        #expect(reader.receipts.allSatisfy { !$0.isRecorded && $0.sha256.utf8.count == 64 })
        #expect(tape.entries.map(\.symbol) == [1, 1, 0, 0])
        #expect(zip(tape.entries, tape.entries.dropFirst()).allSatisfy { $0.item.time <= $1.item.time })
        #expect(tape.isQuoted == [true, true] && tape.hasBars == [true, true])
    }

    @Test func `names source, line and what is wrong`() throws {
        let head = "ts,symbol,open,high,low,close,volume\n"
        let row = "2026-02-12T06:36:00Z,AAPL,10,11,9,10,5\n"
        for (text, words) in [
            ("ts,symbol,open\n", "x, line 1: the header names no high"),
            ("ts,t," + head, "x, line 1: the header names time 3 times"),
            (head + row + "2026-02-12T06:36:00Z,AAPL,10,11,9\n", "x, line 3: it has 5 columns"),
            (head + row + row.replacing("\n", with: ",7\n"), "x, line 3: it has more than the 7"),
            (head + row.replacing("10,", with: "1e1,"), "x, line 2: open: amounts are written without exponents"),
            (head + row.replacing(",9,", with: ",12,"), "x, line 2: no market was ever so"),
            (head + row.replacing("2026-02-12T06:36:00Z", with: "noon"), "x, line 2: time:"),
            (head + row.replacing("AAPL", with: "\"AAPL\""), "x, line 2: byte 22: quoted"),
        ] {
            let said = try fault(text, .csv, .bars)
            #expect(said.hasPrefix(words), "\(said)")
        }
        for (text, words) in [
            ("{\"S\":\"AAPL\"\n", "x, line 1: "), ("[1]\n", "x, line 1: it is no object"),
            ("{\"bid\":1,\"ts\":1770878041000,\"symbol\":\"AAPL\"}\n", "x, line 1: ask is missing"),
            ("{\"bid\":2,\"ask\":1,\"ts\":1770878041000,\"symbol\":\"AAPL\"}\n", "x, line 1: no market"),
            ("{\"bid\":1,\"ask\":1,\"ts\":1770878041000}\n", "x, line 1: it names no symbol"),
            ("{\"bid\":[],\"ask\":1,\"ts\":1770878041000}\n", "x, line 1: bid is neither"),
        ] {
            let said = try fault(text, .jsonLines, .quotes)
            #expect(said.hasPrefix(words), "\(said)")
        }
        #expect(try fault("{\"bid\":1,\"ask\":1,\"ts\":1}\n", .jsonLines, .quotes, [Self.symbols[0]]) == "read")
    }

    @Test func `has limits for lines, files and items`() throws {
        let quote = "{\"bid\":1,\"ask\":1,\"ts\":1,\"symbol\":\"AAPL\"}\n"
        #expect(try fault(quote, .jsonLines, .quotes) { $0.lineBytes = 10 } == "x, line 1: it is longer than 10 bytes")
        #expect(try fault(quote, .jsonLines, .quotes) { $0.fileBytes = 10 }.hasPrefix("x: has 41 bytes"))
        #expect(
            try fault(quote + quote, .jsonLines, .quotes) { $0.items = 1 }
                == "x, line 2: the run has more than 1 bars and quotes")
        var reader = reader()
        #expect(throws: SourceFault.self) {
            try reader.read(folder.path, named: "x", .csv, holding: .bars)
        }
    }

    @Test func `takes quotes from the market's topic of a log, frames and envelopes alike`() async throws {
        let log = JournalLog(folder.path + "/journal")
        _ = try await log.hold()
        try await log.create([TopicCatalog.quotes.spec])
        let writer = try await log.writer(named: "test")
        let values = [
            #"{"T":"q","S":"AAPL","bp":1,"ap":2,"bs":1,"as":1,"t":"2026-02-12T06:36:00Z"}"#,
            #"[{"T":"q","S":"AAPL","bp":1,"ap":2,"t":"2026-02-12T06:36:02Z"},{"T":"t","S":"AAPL","p":1}]"#,
            #"{"event_type":"quote","payload":{"symbol":"BTC/USD","bid":"5","ask":"6","ts":"2026-02-12T06:36:01Z"}}"#,
            #"{"T":"success","msg":"connected"}"#,
        ]
        let records = values.enumerated().map { index, value in
            NewRecord(
                topic: TopicCatalog.quotes.name, partition: Int32(index % 3), key: nil, value: Array(value.utf8))
        }
        _ = try await writer.append(Append(records))
        var first = reader()
        try await first.read(topic: TopicCatalog.quotes.name, of: log, named: "log", sha256: nil)
        var second = reader()
        try await second.read(topic: TopicCatalog.quotes.name, of: log, named: "log", sha256: nil)
        #expect(first.receipts == second.receipts && first.receipts.map(\.rows) == [3])
        #expect(first.receipts.allSatisfy { $0.isRecorded })
        #expect(first.tape.entries.count == 3)
        _ = try await writer.append(
            Append([NewRecord(topic: TopicCatalog.quotes.name, partition: 0, key: nil, value: Array("{".utf8))]))
        var third = reader()
        await #expect(throws: SourceFault.self) {
            try await third.read(topic: TopicCatalog.quotes.name, of: log, named: "log", sha256: nil)
        }
        await log.close()
    }
}
