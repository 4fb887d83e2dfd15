import Core
import Domain
import Foundation
import Testing
import Wire

/// Messages that our encoder did not make: each a file, its source named in `sources.tsv`.
enum Samples {
    struct Sample: Sendable, CustomTestStringConvertible {
        let path: String
        let source: String
        let bytes: [UInt8]

        var folder: String { String(path.prefix { $0 != "/" }) }
        var testDescription: String { path }
    }

    /// Files are only ever added.
    static let minimum = 55

    static let all: [Sample] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Samples")
        guard let list = try? String(contentsOf: folder.appending(path: "sources.tsv"), encoding: .utf8) else {
            return []
        }
        return list.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t").map(String.init)
            guard parts.count == 2, let data = try? Data(contentsOf: folder.appending(path: parts[0])) else {
                return nil
            }
            return Sample(path: parts[0], source: parts[1], bytes: Array(data))
        }
    }()

    static let updates = all.filter { $0.folder == "trade_updates" }
    static let events = all.filter { $0.folder != "trade_updates" }
}

@Suite struct `Samples from outside` {
    @Test func `only grow in number, and every family has some`() {
        print("samples from outside: \(Samples.all.count)")
        #expect(Samples.all.count >= Samples.minimum)
        for family in EventFamily.allCases {
            #expect(Samples.events.count { $0.folder == family.rawValue } >= 3, "\(family)")
        }
        #expect(Samples.all.allSatisfy { !$0.source.isEmpty && !$0.bytes.isEmpty })
    }

    @Test(arguments: Samples.events)
    func `are read as events, and read again from our own bytes`(sample: Samples.Sample) throws {
        var decoder = EventDecoder()
        guard case .event(let event) = try decoder.decode(sample.bytes) else {
            Issue.record("\(sample.path) is no event we know")
            return
        }
        #expect(event.content.type.family.rawValue == sample.folder)
        #expect(event.envelope.eventTime.description == "2026-02-12T06:35:00.123456789Z")
        var encoder = EventEncoder()
        #expect(try decoder.decode(encoder.encode(event)) == .event(event))
    }

    /// A record that ends early is refused wherever it ends.
    @Test(arguments: Samples.all)
    func `are refused when they are cut short at any byte`(sample: Samples.Sample) throws {
        var decoder = EventDecoder()
        var reader = BrokerUpdateReader(defaultAccount: try .init("paper"))
        let end = sample.bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for count in 0..<end {
            let cut = Array(sample.bytes[..<count])
            // Without a macro for each: there are a hundred thousand of them.
            if (try? decoder.decode(cut)) != nil { Issue.record("\(count) bytes were read as an event") }
            if (try? reader.read(cut)) != nil { Issue.record("\(count) bytes were read as an update") }
        }
    }
}
