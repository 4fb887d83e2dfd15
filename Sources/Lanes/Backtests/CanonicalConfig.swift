public import Core
internal import Digest
public import Domain
internal import JSON

/// A configuration in its one canonical text, and what it and its lane make a run.
///
/// Fields stand in the order of their names and no white space between them; numbers stay as written. The runner does
/// the same by itself, and a run whose hash it reports differently is refused.
public struct CanonicalConfig: Sendable, Equatable {
    public let text: [UInt8]
    public let reproducibilityHash: ContentHash

    /// Why a text is no configuration.
    public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    public init(_ bytes: [UInt8]) throws(Refusal) {
        var parser = JSONParser(limits: JSONLimits(maximumBytes: CompactJSON.maximumBytes, maximumDepth: 32))
        let root: JSONValue
        do throws(JSONError) {
            root = try parser.parse(bytes)
            try root.refuseDuplicateKeys()
        } catch { throw Refusal(description: "the configuration is \(error)") }
        guard root.kind == .object else { throw Refusal(description: "the configuration is no object") }
        text = Self.canonical(root)
        reproducibilityHash = ContentHash(digest: SHA256.hash(text))
    }

    private static func canonical(_ value: JSONValue) -> [UInt8] {
        if var fields = value.fields() {
            var parts: [(name: String, text: [UInt8])] = []
            while let field = fields.next() { parts.append((field.name, canonical(field.value))) }
            parts.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            var json = JSONWriter()
            json.object { json in
                for part in parts {
                    json.key(part.name)
                    json.raw(part.text)
                }
            }
            return json.finish()
        }
        if var elements = value.elements() {
            var json = JSONWriter()
            json.array { json in while let element = elements.next() { json.raw(canonical(element)) } }
            return json.finish()
        }
        var json = JSONWriter()
        if let text = value.string {
            json.string(text)
            return json.finish()
        }
        var text: [UInt8] = []
        value.minify(into: &text)
        return text
    }

    /// The lane by its whole name: `research` and `shadow` are short for one each.
    public static func lane(named name: String) -> String? {
        switch name.replacing("-", with: "_") {
        case "research", "research_backtest": "research_backtest"
        case "shadow", "shadow_replay": "shadow_replay"
        default: nil
        }
    }

    /// The first twenty digits of the hash over lane and configuration.
    public func id(in lane: String) -> BacktestID {
        let digest = SHA256.hash(Array("\(lane):\(reproducibilityHash)".utf8))
        return BacktestID(trusted: String("\(ContentHash(digest: digest))".prefix(20)))
    }
}
