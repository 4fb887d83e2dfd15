internal import Core
internal import Domain
internal import JSON

/// An answer of the runner: an object, read field by field; what is there must be of its kind.
struct LaneAnswer {
    private let texts: [String: String]
    private let amounts: [String: String]
    let compact: CompactJSON

    /// Larger answers are none that we asked for; ours have some two thousand bytes, and each is recorded.
    static let maximumBytes = 64 << 10

    /// `group` names an object inside whose texts are read too, as `group.field`.
    init(_ bytes: [UInt8], within group: StaticString? = nil) throws(LaneFault) {
        guard bytes.count <= Self.maximumBytes else { throw .breach("the answer is too large") }
        var parser = JSONParser()
        do {
            let root = try parser.parse(bytes)
            try root.refuseDuplicateKeys()
            guard var fields = root.fields() else { throw LaneFault.breach("the answer is no object") }
            var (texts, amounts): ([String: String], [String: String]) = ([:], [:])
            while let field = fields.next() {
                switch field.value.kind {
                case .string: texts[field.name] = field.value.string
                case .integer, .unsigned, .fraction: amounts[field.name] = field.value.sourceText
                case .object, .array, .true, .false, .null: break
                }
            }
            if let group, let inner = root.field(group), var fields = inner.fields() {
                while let field = fields.next() { texts["\(group).\(field.name)"] = field.value.string }
            }
            self.texts = texts
            self.amounts = amounts
            var text: [UInt8] = []
            root.minify(into: &text)
            compact = CompactJSON(trusted: text)
        } catch let fault as LaneFault { throw fault } catch { throw .breach("the answer is no JSON: \(error)") }
    }

    func text(_ name: String) -> String? { texts[name] }

    /// A decimal as text or number; absent and null are the same.
    func amount(_ name: String) throws(LaneFault) -> Amount? {
        guard let text = amounts[name] ?? texts[name] else { return nil }
        guard text.utf8.count <= 64 else { throw .breach("\(name) is no decimal") }
        do { return try Amount(text) } catch { throw .breach("\(name) is no decimal of ours") }
    }

    /// What an answer that is an error says of itself.
    static func detail(of bytes: [UInt8]) -> String? {
        do { return try LaneAnswer(bytes).text("detail") } catch { return nil }
    }
}

extension LaneFault {
    static func breach(_ what: String) -> LaneFault { LaneFault(.contractViolation, reason: what) }
}
