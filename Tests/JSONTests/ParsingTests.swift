import JSON
import TestSupport
import Testing

@Suite struct `Parsing JSON` {
    @Test func `reads every kind of value`() throws {
        let text =
            #" {"a": [1, -2, 18446744073709551615, 1.50, true, false, null], "b": "x\n\u00e9\ud83d\ude00", "": {}} "#
        let expected = Tree.object([
            .init(
                name: "a",
                value: .array([
                    .integer(1), .integer(-2), .unsigned(.max), .fraction("1.50"), .bool(true), .bool(false), .null,
                ])),
            .init(name: "b", value: .string("x\né😀")),
            .init(name: "", value: .object([])),
        ])
        #expect(try Tree.parse(Array(text.utf8)) == expected)
    }

    @Test func `finds a field by name, and gives nil for the wrong kind`() throws {
        var parser = JSONParser()
        let document = try parser.parse(Array(#"{"key":"k","n":9223372036854775808,"o":{"p":-7}}"#.utf8))
        let key = document.field("key")?.string
        #expect(key == "k")
        let wrongKinds: [Bool] = [
            document.field("key")?.int64 == nil, document.field("n")?.int64 == nil,
            document.field("o")?.field("p")?.uint64 == nil, document.field("ke") == nil,
            document.field("o")?.elements() == nil, document.fields() != nil,
        ]
        #expect(!wrongKinds.contains(false))
        let unsigned = document.field("n")?.uint64
        #expect(unsigned == 9_223_372_036_854_775_808)
        let inner = document.field("o")?.field("p")?.int64
        #expect(inner == -7)
    }

    @Test(arguments: [
        ("1.10", "1.10"), ("[ 0.0 ]", "0.0"), ("[-12345678901234567.000000001,2]", "-12345678901234567.000000001"),
        (#"["a,b" , 1e2]"#, "1e2"), (#"[{"x":[1,2,{"y":3}]},  2.5e-3 ]"#, "2.5e-3"),
    ])
    func `keeps a number's own digits`(document: String, digits: String) throws {
        func search(_ tree: Tree) -> String? {
            switch tree {
            case .fraction(let text): text
            case .array(let elements): elements.lazy.compactMap(search).first
            case .object, .string, .integer, .unsigned, .bool, .null: nil
            }
        }
        #expect(search(try Tree.parse(Array(document.utf8))) == digits)
    }

    @Test func `gives the compact text of an object inside`() throws {
        var parser = JSONParser()
        let input = #"{"key": "k", "value" : { "a" : [ 1.00 , "x \" y" ], "b" : { } } , "z": 1}"#
        let document = try parser.parse(Array(input.utf8))
        var bytes: [UInt8] = Array("before ".utf8)
        document.field("value")?.minify(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"before {"a":[1.00,"x \" y"],"b":{}}"#)
        let source = document.field("key")?.sourceText
        #expect(source == #""k""#)
    }

    @Test func `one parser reads many documents, large and small`() throws {
        var parser = JSONParser()
        for size in [0, 10, 5_000, 3, 100_000, 63, 64, 65, 1_000_000, 1] {
            let filler = String(repeating: "é", count: size)
            let input = Array(#"{"n":\#(size),"filler":"\#(filler)","d":0.\#(size)}"#.utf8)
            let document = try parser.parse(input)
            let number = document.field("n")?.int64
            #expect(number == Int64(size))
            let length = document.field("filler")?.utf8?.byteCount
            #expect(length == size * 2)
            let digits = document.field("d")?.sourceText
            #expect(digits == "0.\(size)")
        }
    }

    @Test func `agrees with Python on random documents`() throws {
        let seed: UInt64 = 20_240_611
        var generator = SplitMix64(seed: seed)
        let trees = (0..<500).map { _ in Tree.random(depth: 5, using: &generator) }
        var writer = JSONWriter()
        for tree in trees {
            tree.write(into: &writer)
            writer.newline()
        }
        let script = """
            import json, sys
            for line in sys.stdin.buffer: print(json.dumps(json.loads(line), ensure_ascii=True))
            """
        let ours = writer.finish()
        let judged = try Python.run(script, input: ours).split(separator: UInt8(ascii: "\n"))
        let lines = ours.split(separator: UInt8(ascii: "\n"))
        try #require(judged.count == trees.count && lines.count == trees.count, "seed \(seed)")
        for (index, tree) in trees.enumerated() {
            #expect(try Tree.parse(Array(lines[index])) == tree, "seed \(seed), document \(index)")
            #expect(try Tree.parse(Array(judged[index])) == tree, "seed \(seed), document \(index)")
        }
    }
}
