import Foundation
import Testing

private let topic = "torghut.account.v1"

@Suite struct `Appending from the command line` {
    private func prepared() async throws -> Program {
        let program = try Program(Ground())
        try await program.prepared()
        return program
    }

    @Test func `answers each line with its position, in order`() async throws {
        let program = try await prepared()
        let input = (0..<2_500).map { "{\"key\":\"k\($0)\",\"value\":\"v\($0)\"}" }.joined(separator: "\n")
        let appended = try await program.run("log", "append", "--topic", topic, input: input)
        #expect(appended.status == 0, "\(appended.err)")
        #expect(appended.lines.first == "{\"topic\":\"\(topic)\",\"partition\":0,\"offset\":0}")
        #expect(try appended.lines.map { try fields($0)["offset"] as? Int } == (0..<2_500).map { $0 })
    }

    @Test func `stores text, bytes, objects as compact text, headers of each kind, and null`() async throws {
        let program = try await prepared()
        let lines = [
            #"{"key":"a\u00e9","value":"text"}"#,
            #"{"key_b64":"/wA=","value_b64":"gIGC","partition":0}"#,
            #"{"value": { "n" : 1.10, "big": 12345678901234567890, "s" : "a  b", "l": [ 1 , 2 ] } }"#,
            #"{"key":null,"value":null,"headers":{"h":"x","n":null,"b":{"b64":"/w=="}}}"#,
            #"{"value":"","headers":[["r","1"],["r","2"]],"timestamp":77}"#,
        ]
        let appended = try await program.run(
            "log", "append", "--topic", topic, input: lines.joined(separator: "\n") + "\n")
        #expect(appended.status == 0 && appended.lines.count == 5, "\(appended.err)")
        let read = try await program.run("log", "read", "--topic", topic, "--partition", "0")
        func rest(_ offset: Int) throws -> String {
            let line = try #require(read.lines.first { $0.contains("\"offset\":\(offset),") })
            return String(line[try #require(line.range(of: "\"key")).lowerBound...])
        }
        #expect(try rest(0) == #""key":"aé","value":"text","headers":{}}"#)
        #expect(try rest(1) == #""key_b64":"/wA=","value_b64":"gIGC","headers":{}}"#)
        #expect(
            try rest(2)
                == #""key":null,"value":"{\"n\":1.10,\"big\":12345678901234567890,\"s\":\"a  b\",\"l\":[1,2]}","headers":{}}"#
        )
        #expect(try rest(3) == #""key":null,"value":null,"headers":{"h":"x","n":null,"b":{"b64":"/w=="}}}"#)
        #expect(try rest(4) == #""key":null,"value":"","headers":[["r","1"],["r","2"]]}"#)
        #expect(read.text.contains("\"timestamp\":77,"))
    }

    @Test(arguments: [
        ("{", "not JSON"), ("[]", "a line is a JSON object"), ("", "not JSON"), ("{}", "there is no 'value'"),
        (#"{"value":1}"#, "'value' is a string"), (#"{"value":true}"#, "'value' is a string"),
        (#"{"value":"","key":{}}"#, "'key' is a string"), (#"{"value":"","vlaue":""}"#, "unknown field 'vlaue'"),
        (#"{"value":"","value":""}"#, "'value' is given twice"), (#"{"value":"","value_b64":""}"#, "are both given"),
        (#"{"value_b64":"a"}"#, "is not base64"), (#"{"value_b64":"_-=="}"#, "is not base64"),
        (#"{"value_b64":"aa=="}{"#, "not JSON"), (#"{"value_b64":"aB=="}"#, "is not base64"),
        (#"{"value":"","partition":-1}"#, "'partition' is a whole"),
        (#"{"value":"","partition":1.5}"#, "'partition' is a whole"),
        (#"{"value":"","headers":"x"}"#, "'headers' is an object"),
        (#"{"value":"","headers":{"a":1}}"#, "value of a header"),
        (#"{"value":"","headers":[["a"]]}"#, "a pair of name and value"),
        (#"{"value":"","headers":{"a":{"b64":"?"}}}"#, "'b64' is not base64"),
        (#"{"value":"","timestamp":"now"}"#, "milliseconds since 1970"),
        (#"{"value":"","topic":"other"}"#, "'topic' is not"),
        ("{\"value\":\"\u{1}\"}", "not JSON"), (#"{"value":"\ud800"}"#, "not JSON"),
        (
            #"{"value":"","headers":{\#((0..<65).map { "\"h\($0)\":null" }.joined(separator: ","))}}"#,
            "maximumHeaders is 64"
        ),
        ("{\"value\":\"\(String(repeating: "x", count: (1 << 20) + 1))\"}", "maximumRecordBytes is 1048576"),
    ])
    func `names an unreadable line by its number and appends nothing of its batch`(line: String, said: String)
        async throws
    {
        let program = try await prepared()
        let input = (0..<6).map { $0 == 4 ? line : #"{"value":"v"}"# }.joined(separator: "\n")
        let refused = try await program.run("log", "append", "--topic", topic, input: input)
        #expect(refused.status == 1 && refused.out.isEmpty)
        #expect(refused.err.contains("line 5: ") && refused.err.contains(said), "\(refused.err)")
        #expect(try await program.run("log", "read", "--topic", topic).out.isEmpty)
    }

    @Test func `keeps and answers the batches before an unreadable line`() async throws {
        let program = try await prepared()
        let input = (0..<1_500).map { $0 == 1_200 ? "?" : #"{"value":"v"}"# }.joined(separator: "\n")
        let refused = try await program.run("log", "append", "--topic", topic, input: input)
        #expect(refused.status == 1 && refused.lines.count == 1_000 && refused.err.contains("line 1201: "))
        #expect(try await program.run("log", "read", "--topic", topic).lines.count == 1_000)
    }

    @Test func `is refused where there is no journal, no topic or no such partition`() async throws {
        let program = try Program(Ground())
        let missing = try await program.run("log", "append", "--topic", topic, input: #"{"value":""}"#)
        #expect(missing.status == 1 && missing.err.contains("topics apply"))
        try await program.prepared()
        let unknown = try await program.run("log", "append", "--topic", "nothing.v1", input: #"{"value":""}"#)
        #expect(unknown.status == 1 && unknown.err.contains("'nothing.v1' does not exist"))
        let outside = try await program.run("log", "append", "--topic", topic, input: #"{"value":"","partition":1}"#)
        #expect(outside.status == 1 && outside.err.contains("\(topic)/1 does not exist"))
        #expect(try await program.run("log", "append", "--topic", topic).status == 0)
    }

    @Test func `answers within a moment when lines come one at a time`() async throws {
        let program = try await prepared()
        let running = try Running(program, "log", "append", "--topic", topic)
        for number in 0..<5 {
            try running.write("{\"value\":\"\(number)\"}\n")
            #expect(running.line()?.contains("\"offset\":\(number)") == true)
        }
        try running.write(#"{"value":"last"}"#)
        try running.endInput()
        #expect(running.line()?.contains("\"offset\":5") == true)
        #expect(try await running.process.finish() == 0)
    }

    @Test func `goes through the process that holds the journal`() async throws {
        let program = try await prepared()
        let holder = try Running(program, "log", "append", "--topic", topic)
        try holder.write("{\"value\":\"first\"}\n")
        #expect(holder.line() != nil)
        let other = try await program.run("log", "append", "--topic", topic, input: #"{"value":"second"}"#)
        #expect(other.status == 0 && other.text.contains("\"offset\":1"), "\(other.err)")
        try holder.endInput()
        #expect(try await holder.process.finish() == 0)
        #expect(try await program.run("log", "read", "--topic", topic, "--values").lines == ["first", "second"])
    }
}
