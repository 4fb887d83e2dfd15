import JSON
import Testing

@Suite struct `Writing JSON` {
    @Test func `separates values and fields by itself`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("a")
            writer.array { writer in
                writer.integer(1)
                writer.integer(UInt64.max)
                writer.bool(true)
                writer.null()
                writer.array { _ in }
                writer.object { _ in }
            }
            writer.key("b")
            writer.string("x")
            writer.key(String("c"))
            writer.raw(Array("1.10".utf8))
        }
        writer.newline()
        writer.bool(false)
        let expected = #"{"a":[1,18446744073709551615,true,null,[],{}],"b":"x","c":1.10}"# + "\nfalse"
        #expect(String(decoding: writer.finish(), as: UTF8.self) == expected)
    }

    @Test func `Python reads every character back`() throws {
        var writer = JSONWriter()
        var scalars: [UInt32] = Array(0...0x2FF)
        scalars += [0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF]
        for scalar in scalars.compactMap(Unicode.Scalar.init) {
            writer.array { writer in
                writer.integer(scalar.value)
                writer.string("a\(scalar)b\(scalar)")
                writer.string(utf8: Array(String(scalar).utf8))
            }
            writer.newline()
        }
        let script = """
            import json, sys
            lines = sys.stdin.buffer.read().split(b"\\n")[:-1]
            for line in lines:
                number, text, alone = json.loads(line)
                assert text == "a" + chr(number) + "b" + chr(number), line
                assert alone == chr(number), line
            print(len(lines))
            """
        let printed = try Python.run(script, input: writer.finish())
        #expect(String(decoding: printed, as: UTF8.self) == "\(scalars.count)\n")
    }

    @Test func `starts over with its memory kept`() {
        var writer = JSONWriter(reserving: 64)
        writer.beginObject()
        writer.reset()
        writer.null()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "null")
    }
}
