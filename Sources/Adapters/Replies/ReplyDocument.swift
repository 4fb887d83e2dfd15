internal import Core
internal import Domain
internal import JSON

/// An answer as JSON: parsed, checked for repeated keys, and lent to one reader.
enum ReplyDocument {
    /// `nil` when the bytes are no JSON that we believe.
    static func read<Value>(_ bytes: [UInt8], _ body: (JSONValue) throws(ContractBreach) -> Value)
        throws(ContractBreach) -> Value?
    {
        var parser = JSONParser()
        let root: JSONValue
        do throws(JSONError) {
            root = try parser.parse(bytes)
            try root.refuseDuplicateKeys()
        } catch { return nil }
        return try body(root)
    }

    static func compact(_ bytes: [UInt8]) -> CompactJSON? {
        guard bytes.count <= CompactJSON.maximumBytes, !bytes.isEmpty else { return nil }
        do { return try read(bytes) { value throws(ContractBreach) in Self.compact(value) } } catch { return nil }
    }

    static func compact(_ value: JSONValue) -> CompactJSON {
        var text: [UInt8] = []
        value.minify(into: &text)
        return CompactJSON(trusted: text)
    }

    /// A top-level field that is text or a number, as text.
    static func field(_ name: StaticString, in bytes: [UInt8]) -> String? {
        let found: String??
        do {
            found = try read(bytes) { value throws(ContractBreach) -> String? in
                guard let field = value.field(name) else { return nil }
                return field.string ?? (field.isOf(.integer) ? field.sourceText : nil)
            }
        } catch { return nil }
        return found ?? nil
    }
}

/// An answer breaks its contract, and where.
struct ContractBreach: Error, Equatable {
    /// As the original writes it: `missing_keys:id,status`.
    let what: String

    init(_ what: String) { self.what = what }
}
