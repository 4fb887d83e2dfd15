import Foundation
import TestSupport
import Testing

/// Records of random bytes as `log append` takes them and `log read` prints them.
struct RandomLines {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Key, value and headers as members of a line; the same text comes back from `log read`.
    mutating func members() -> String {
        var text = field("key", text: 10) + "," + field("value", text: 400) + ",\"headers\":"
        let names = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            ["h", "ü", "x"].randomElement(using: &random) ?? ""
        }
        let pairs = names.map { name in
            let value = bytes(upTo: 20)
            return (name, Self.isText(value) ? quoted(value) : "{\"b64\":\"\(Data(value).base64EncodedString())\"}")
        }
        if Set(names).count == names.count {
            text += "{" + pairs.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        } else {
            text += "[" + pairs.map { "[\"\($0)\",\($1)]" }.joined(separator: ",") + "]"
        }
        return text
    }

    private mutating func field(_ name: String, text limit: Int) -> String {
        if Int.random(in: 0..<8, using: &random) == 0 { return "\"\(name)\":null" }
        let value = bytes(upTo: limit)
        return Self.isText(value)
            ? "\"\(name)\":\(quoted(value))" : "\"\(name)_b64\":\"\(Data(value).base64EncodedString())\""
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Half of them text, half of them anything.
    private mutating func bytes(upTo limit: Int) -> [UInt8] {
        let text = Bool.random(using: &random)
        return (0..<Int.random(in: 0...limit, using: &random)).map { _ in
            text ? UInt8.random(in: 1...0x7F, using: &random) : UInt8.random(in: .min ... .max, using: &random)
        }
    }

    private func quoted(_ bytes: [UInt8]) -> String {
        var text = "\""
        for byte in bytes {
            switch byte {
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x08: text += "\\b"
            case 0x09: text += "\\t"
            case 0x0A: text += "\\n"
            case 0x0C: text += "\\f"
            case 0x0D: text += "\\r"
            case 0..<0x20: text += "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            default: text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return text + "\""
    }
}

@Suite struct `A round trip through the program` {
    @Test(arguments: [11, 12] as [UInt64])
    func `gives back keys, values and headers byte for byte`(seed: UInt64) async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let topic = "torghut.account.v1"
        var random = RandomLines(seed: seed)
        let members = (0..<1_500).map { _ in random.members() }
        let lines = members.enumerated().map { "{\"timestamp\":\($0),\($1)}" }
        let appended = try await program.run("log", "append", "--topic", topic, input: lines.joined(separator: "\n"))
        #expect(appended.status == 0, "seed \(seed): \(appended.err)")
        let read = try await program.run("log", "read", "--topic", topic)
        let expected = members.enumerated().map {
            "{\"topic\":\"\(topic)\",\"partition\":0,\"offset\":\($0),\"timestamp\":\($0),\($1)}"
        }
        #expect(read.lines == expected, "seed \(seed)")
        // And what was read can be appended again.
        var second = try Program(Ground())
        second.environment = ["TORGHUT_DATA_DIR": "elsewhere"]
        try await second.prepared()
        #expect(try await second.run(["log", "append", "--topic", topic], input: read.out).status == 0)
        #expect(try await second.run("log", "read", "--topic", topic).out == read.out)
    }
}
