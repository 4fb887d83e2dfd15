import Domain
import Schemas
import Testing

/// Changes are planted one at a time into the document of an earlier day, and looked for in what breaks since then.
@Suite struct `Comparing schemas` {
    private func name(of rule: Compatibility) throws -> String {
        try #require(EventSchema.all.first { Compatibility.of($0.type.family) == rule }?.name)
    }

    /// What the rule of the topic forbids, as `path: change`.
    private func found(_ rule: Compatibility, before plant: (inout JSONTree) -> Void) throws -> [String] {
        let name = try name(of: rule)
        var document = try #require(SchemaSet.current.document(name))
        plant(&document)
        let breaks = try SchemaSet.current.breaks(since: SchemaSet([(name, document)]))
        #expect(breaks.allSatisfy { $0.rule == rule && $0.change.schema == name })
        return breaks.map { "\($0.change.path): \($0.change.what)" }
    }

    private static let planted = JSONTree.object([
        .init("description", .string("Planted.")), .init("type", .string("string")),
    ])

    @Test(arguments: Compatibility.allCases)
    func `nothing is found where nothing changed`(rule: Compatibility) throws {
        #expect(try found(rule) { _ in } == [])
    }

    @Test(arguments: Compatibility.allCases)
    func `a removed field is found under every rule, required or not`(rule: Compatibility) throws {
        for isRequired in [false, true] {
            let breaks = try found(rule) { old in
                old.payload?["properties"]?["planted"] = Self.planted
                if isRequired { old.payload?.require("planted") }
            }
            #expect(breaks == ["$.payload.planted: field removed"])
        }
    }

    @Test(arguments: [(.backward, true), (.full, true), (.forward, false)] as [(Compatibility, Bool)])
    func `a narrowed enum is found`(rule: Compatibility, isBreaking: Bool) throws {
        let breaks = try found(rule) { old in old.forFirstEnum { words in words + [.string("planted")] } }
        #expect(breaks.contains { $0.hasSuffix(#"enum narrowed: "planted" is gone"#) } == isBreaking)
        #expect(breaks.count == (isBreaking ? 1 : 0))
    }

    @Test(arguments: [(.backward, false), (.full, true), (.forward, true)] as [(Compatibility, Bool)])
    func `a widened enum is found where old readers must understand it`(rule: Compatibility, isBreaking: Bool) throws {
        let breaks = try found(rule) { old in old.forFirstEnum { words in Array(words.dropFirst()) } }
        #expect(breaks.count == (isBreaking ? 1 : 0) && breaks.allSatisfy { $0.contains("enum widened") })
    }

    @Test(arguments: [(.backward, true), (.full, true), (.forward, false)] as [(Compatibility, Bool)])
    func `a new required field is found`(rule: Compatibility, isBreaking: Bool) throws {
        let breaks = try found(rule) { old in
            old["properties"]?["seq"] = nil
            old.require(nil, without: "seq")
        }
        #expect(breaks == (isBreaking ? ["$.seq: new required field"] : []))
    }

    @Test(arguments: Compatibility.allCases)
    func `an added optional field passes`(rule: Compatibility) throws {
        #expect(try found(rule) { $0["properties"]?["window"] = nil } == [])
    }

    @Test(arguments: Compatibility.allCases)
    func `a changed type is found`(rule: Compatibility) throws {
        let breaks = try found(rule) { old in old["properties"]?["seq"]?["type"] = .string("string") }
        #expect(breaks == ["$.seq: type changed from string to integer"])
    }

    @Test(
        arguments: [
            ("pattern", .string("^x$"), "pattern changed", true, true), ("pattern", nil, "pattern added", true, false),
            ("maxLength", .integer(1_000), "maxLength tightened", true, false),
            ("maxLength", .integer(1), "maxLength loosened", false, true),
            ("minLength", .integer(0), "minLength tightened", true, false),
            ("x-unit", .string("apples"), "unit changed", true, true),
            ("const", .string("planted"), "other values than the one are allowed", false, true),
            ("enum", .strings(["planted"]), "no longer an enum", false, true),
        ] as [(String, JSONTree?, String, Bool, Bool)])
    func `a changed rule for a value is found`(
        keyword: String, before: JSONTree?, what: String, backward: Bool, forward: Bool
    ) throws {
        for (rule, isBreaking) in [(Compatibility.backward, backward), (.forward, forward), (.full, true)] {
            let breaks = try found(rule) { $0["properties"]?["source"]?[keyword] = before }
            #expect(breaks == (isBreaking ? ["$.source: \(what)"] : []), "\(rule)")
        }
    }

    @Test func `a field that became optional is found where old readers need it`() throws {
        let became = "$.window: became optional"
        #expect(try found(.backward) { $0.require("window") } == [])
        #expect(try found(.full) { $0.require("window") } == [became])
        #expect(try found(.backward) { $0.require(nil, without: "seq") } == ["$.seq: became required"])
    }

    @Test func `an event type or version that is gone is found`() throws {
        let document = try #require(SchemaSet.current.documents.first?.document)
        let older = SchemaSet([("decision.recorded.v9", document), ("decision.dreamt.v1", document)])
        let breaks = try SchemaSet.current.breaks(since: older)
        #expect(
            breaks.map { "\($0.change)" } == [
                "decision.dreamt.v1: $: event type removed", "decision.recorded.v9: $: version removed",
            ])
    }

    @Test func `what is not understood is refused, never passed over`() throws {
        for (name, value) in [("oneOf", .array([])), ("pattern", .string("x")), ("minLength", .string("1"))]
            as [(String, JSONTree)]
        {
            #expect(throws: SchemaFault.self) { try found(.backward) { $0["properties"]?["source"]?[name] = value } }
        }
    }

    @Test func `each family has the rule of its topic`() {
        for family in EventFamily.allCases {
            switch Compatibility.of(family) {
            // New readers must read all that is kept.
            case .backward, .full: #expect(family.topic.isKeptForever)
            case .forward: #expect(!family.topic.isKeptForever)
            }
        }
    }
}

extension JSONTree {
    fileprivate var payload: JSONTree? {
        get { self["properties"]?["payload"] }
        set { self["properties"]?["payload"] = newValue }
    }

    fileprivate mutating func require(_ name: String?, without other: String? = nil) {
        let names = (self["required"]?.elements?.compactMap(\.text) ?? []).filter { $0 != other }
        self["required"] = .strings(names + [name].compactMap(\.self))
    }

    /// Changes the words of the first enum there is, wherever it stands.
    @discardableResult
    fileprivate mutating func forFirstEnum(_ change: ([JSONTree]) -> [JSONTree]) -> Bool {
        if let words = self["enum"]?.elements {
            self["enum"] = .array(change(words))
            return true
        }
        for member in members ?? [] where member.value.members != nil {
            var value = member.value
            guard value.forFirstEnum(change) else { continue }
            self[member.name] = value
            return true
        }
        return false
    }
}
