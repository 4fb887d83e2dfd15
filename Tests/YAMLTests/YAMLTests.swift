import Testing
import YAML

@Suite struct `Reading YAML` {
    private func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLNode] {
        try YAMLDocuments.parse(Array(text.utf8), limits: limits)
    }

    @Test func `gives values with their lines`() throws {
        let text = """
            # a comment
            name: torghut.a.v1
            count: 12
            quoted: "12"
            list:
              - one
              - {two: 2}
            nothing:
            """
        let root = try #require(try parse(text).first)
        #expect(root.value(of: "name")?.text == "torghut.a.v1")
        #expect(root.value(of: "name")?.line == 2)
        #expect(root.value(of: "count")?.integer == 12)
        #expect(root.value(of: "quoted")?.integer == nil)
        #expect(root.value(of: "quoted")?.text == "12")
        #expect(root.value(of: "list")?.elements?.map(\.line) == [6, 7])
        #expect(root.value(of: "list")?.elements?.last?.value(of: "two")?.integer == 2)
        #expect(root.value(of: "nothing")?.text == "")
        #expect(root.entries?.map(\.key) == ["name", "count", "quoted", "list", "nothing"])
        #expect(root.entries?.map(\.line) == [2, 3, 4, 5, 8])
        #expect(root.value(of: "absent") == nil)
    }

    @Test func `reads several documents, and none`() throws {
        #expect(try parse("a: 1\n---\nb: 2\n---\n- c\n").map(\.line) == [1, 3, 5])
        #expect(try parse("").isEmpty)
        #expect(try parse("# nothing\n").isEmpty)
    }

    @Test(
        arguments: [
            ("a: [1, 2", 2), ("a: 1\n\tb: 2", 2), ("a: 1\nb: 'x", 2), ("a: 1\n  b: 2", 2), ("x: }", 1),
        ])
    func `names the line of what is malformed`(text: String, line: Int) {
        let error = #expect(throws: YAMLError.self) { try parse(text) }
        guard case .malformed(let found, _, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == line, "\(reason)")
    }

    @Test func `names the place of bytes that are not UTF-8`() {
        let bytes = Array("a: 1\nbé: ".utf8) + [0xFF, 0x0A]
        let error = #expect(throws: YAMLError.self) { try YAMLDocuments.parse(bytes) }
        guard case .malformed(let line, let column, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(line == 2 && column == 6)
    }

    @Test func `refuses aliases, so that a small text stays small`() {
        let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
        #expect(throws: YAMLError.unsupported("anchors", line: 1)) { try parse(bomb) }
        #expect(throws: YAMLError.unsupported("aliases", line: 2)) { try parse("a: 1\nb: *a\n") }
        #expect(throws: YAMLError.unsupported("tags", line: 1)) { try parse("a: !!binary x\n") }
        #expect(throws: YAMLError.unsupported("keys that are no scalars", line: 1)) { try parse("? [a]\n: 1\n") }
    }

    @Test func `refuses a key given twice`() {
        #expect(throws: YAMLError.duplicateKey("a", line: 3)) { try parse("a: 1\nb: 2\na: 3\n") }
        #expect(throws: Never.self) { try parse("a: {x: 1}\nb: {x: 2}\n") }
    }

    @Test func `every limit is reached exactly`() {
        #expect(throws: Never.self) { try parse("a: 1", limits: YAMLLimits(maximumBytes: 4)) }
        #expect(throws: YAMLError.limitExceeded(name: "maximumBytes", allowed: 3, line: 1)) {
            try parse("a: 1", limits: YAMLLimits(maximumBytes: 3))
        }
        #expect(throws: Never.self) { try parse("[[[]]]", limits: YAMLLimits(maximumDepth: 3)) }
        #expect(throws: YAMLError.limitExceeded(name: "maximumDepth", allowed: 2, line: 2)) {
            try parse("[[\n[]]]", limits: YAMLLimits(maximumDepth: 2))
        }
        #expect(throws: Never.self) { try parse("[1, 2]", limits: YAMLLimits(maximumNodes: 3)) }
        #expect(throws: YAMLError.limitExceeded(name: "maximumNodes", allowed: 2, line: 2)) {
            try parse("[1,\n2]", limits: YAMLLimits(maximumNodes: 2))
        }
    }

    @Test func `a text cut at any byte is read or refused, never a crash`() {
        let whole = Array("a: [1, {b: \"c\"}]\n---\nd:\n  - é\n  - 'f'\n".utf8)
        for length in 0...whole.count {
            do throws(YAMLError) {
                _ = try YAMLDocuments.parse(Array(whole.prefix(length)))
            } catch {
                #expect((1...6).contains(error.line), "cut at \(length): \(error)")
            }
        }
    }
}
