import JSON
import TestSupport
import Testing

@Suite struct `Refusing what is not JSON` {
    private static let whole = #"{"key":"é😀\u00e9","n":[1,2.5,-3e7,{"t":true,"f":false,"z":null}],"s":"\\\""}"#

    @Test func `a document cut at any byte is refused, and the place is inside it`() throws {
        let bytes = Array(Self.whole.utf8)
        #expect(throws: Never.self) { try Tree.parse(bytes) }
        for length in 0..<bytes.count {
            do throws(JSONError) {
                _ = try Tree.parse(Array(bytes.prefix(length)))
                Issue.record("took the first \(length) bytes")
            } catch {
                guard case .malformed(let byte, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect((0...length).contains(byte), "cut at \(length): \(error)")
            }
        }
    }

    @Test(
        arguments: [
            (#"{"a":1,"b":tru}"#, 11), (#"{"a":1,"b":01}"#, 11), (#"{"a":1 "b":2}"#, 5), (#"[1,2,]"#, 5),
            (#"{"a":1}x"#, 7), (#"["x","\q"]"#, 5), (#"["a\#u{1}b"]"#, 3), (#"["abc","de"#, 7), ("", 0), ("   ", 3),
            (#"{"a":1.2.3}"#, 5), (#"[123456789012345678901234567890]"#, 1), (#"[1e999]"#, 1), (#"["\ud800"]"#, 1),
            (#"{1:2}"#, 0),
        ] as [(String, Int)])
    func `the place of the fault is named`(text: String, place: Int) throws {
        let error = #expect(throws: JSONError.self) { try Tree.parse(Array(text.utf8)) }
        guard case .malformed(let byte, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(byte == place, "\(text): \(reason)")
        #expect(!reason.isEmpty)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused where they stand`(bad: [UInt8]) {
        for padding in [0, 1, 7, 100, 1_000] {
            let before = Array(#"["\#(String(repeating: "é", count: padding))"#.utf8)
            let text = before + bad + Array(#"","after é"]"#.utf8)
            let error = #expect(throws: JSONError.self) { try Tree.parse(text) }
            guard case .malformed(let byte, _) = error else { continue }
            #expect(byte == before.count)
        }
        #expect(!JSONText.isUTF8(bad))
    }

    @Test func `lone surrogates never become a string that is not UTF-8`() throws {
        for escape in [#"\ud800"#, #"\udc00"#, #"\ud800\u0041"#, #"\ud800x"#, #"\udfff\ud800"#] {
            var parser = JSONParser()
            do throws(JSONError) {
                let document = try parser.parse(Array("[\"\(escape)\"]".utf8))
                guard var elements = document.elements(), let text = elements.next()?.utf8 else { continue }
                let valid = JSONText.isUTF8(text)
                #expect(valid, "\(escape)")
            } catch {
                guard case .malformed = error else { throw error }
            }
        }
    }

    @Test func `depth is limited, exactly`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)).utf8)
        }
        let limits = JSONLimits(maximumDepth: 10)
        #expect(throws: Never.self) { try Tree.parse(nested(10), limits: limits) }
        let error = #expect(throws: JSONError.self) { try Tree.parse(nested(11), limits: limits) }
        #expect(error == .limitExceeded(name: "maximumDepth", allowed: 10, actual: 11))
        #expect(throws: JSONError.self) { try Tree.parse(nested(100_000)) }
    }

    @Test func `size is limited, exactly`() throws {
        let text = Array(#""123456""#.utf8)
        #expect(throws: Never.self) { try Tree.parse(text, limits: JSONLimits(maximumBytes: 8)) }
        #expect(throws: JSONError.limitExceeded(name: "maximumBytes", allowed: 7, actual: 8)) {
            try Tree.parse(text, limits: JSONLimits(maximumBytes: 7))
        }
    }

    @Test func `a string may be as large as the document`() throws {
        let long = String(repeating: "x", count: 10 << 20)
        #expect(try Tree.parse(Array("\"\(long)\"".utf8)) == .string(long))
    }

    @Test(
        arguments: [
            (#"{"a":1,"b":2,"a":3}"#, "a", "$"), (#"{"x":[0,{"k":1,"\u006b":2}]}"#, "k", "$.x[1]"),
            (#"{"o":{"":1,"":1}}"#, "", "$.o"),
        ] as [(String, String, String)])
    func `a name that occurs twice is found where asked`(text: String, key: String, path: String) throws {
        var parser = JSONParser()
        let document = try parser.parse(Array(text.utf8))
        var found: JSONError?
        do throws(JSONError) { try document.refuseDuplicateKeys() } catch { found = error }
        #expect(found == .duplicateKey(key, path: path))
    }

    @Test func `names that differ are no duplicates`() throws {
        var parser = JSONParser()
        let fields = (0..<5_000).map { "\"\($0)\":{\"a\":\($0),\"ab\":[]}" }.joined(separator: ",")
        let document = try parser.parse(Array("{\(fields)}".utf8))
        try document.refuseDuplicateKeys()
    }

    @Test func `a parser goes on after a refusal`() throws {
        var parser = JSONParser()
        for _ in 0..<3 {
            var refused = false
            do throws(JSONError) { _ = try parser.parse(Array("[1,".utf8)) } catch { refused = true }
            #expect(refused)
            let document = try parser.parse(Array(#"{"a":2}"#.utf8))
            let number = document.field("a")?.int64
            #expect(number == 2)
        }
    }

    @Test func `bytes changed at random are refused or read, and never read as invalid text`() throws {
        let seed: UInt64 = 77
        var generator = SplitMix64(seed: seed)
        var parser = JSONParser()
        for round in 0..<5_000 {
            var bytes = Array(Self.whole.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(JSONError) {
                let document = try parser.parse(bytes)
                var compact: [UInt8] = []
                document.minify(into: &compact)
                let whole = Tree(document)
                #expect(try Tree.parse(compact) == whole, "seed \(seed), round \(round)")
            } catch {
                guard case .malformed(let byte, _) = error else { throw error }
                #expect((0...bytes.count).contains(byte), "seed \(seed), round \(round)")
            }
        }
    }
}
