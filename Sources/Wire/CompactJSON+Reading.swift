public import Domain
internal import JSON

extension CompactJSON {
    /// Why a value is not kept.
    struct Refusal: Error {
        let reason: WireError.Reason
    }

    /// The value's compact text.
    ///
    /// Repeated keys are refused at every level: two readers of one event could believe different values.
    init(_ value: JSONValue) throws(Refusal) {
        // Nothing has the same text everywhere, and need not be looked for in the source.
        if let fields = value.fields(), fields.isAtEnd {
            self = .emptyObject
            return
        }
        let bytes = value.source.byteCount
        guard bytes <= Self.maximumBytes else {
            throw Refusal(reason: .tooLarge(allowed: Self.maximumBytes, actual: bytes))
        }
        do { try value.refuseDuplicateKeys() } catch { throw Refusal(reason: .of(error)) }
        var text: [UInt8] = []
        value.minify(into: &text)
        self.init(trusted: text)
    }

    /// Text from outside, if it is one JSON value.
    public init(parsing text: [UInt8]) throws(WireError) {
        var parser = JSONParser()
        self = try Self.parse(text, with: &parser)
    }

    private static func parse(_ text: [UInt8], with parser: inout JSONParser) throws(WireError) -> CompactJSON {
        let value: JSONValue
        do { value = try parser.parse(text) } catch {
            throw WireError(eventType: nil, path: "$", reason: .malformed(error))
        }
        do { return try CompactJSON(value) } catch {
            throw WireError(eventType: nil, path: "$", reason: error.reason)
        }
    }
}

extension WireError.Reason {
    static func of(_ error: JSONError) -> WireError.Reason {
        switch error {
        case .duplicateKey(let key, _): .duplicateKey(key)
        case .malformed, .limitExceeded: .malformed(error)
        }
    }
}

extension JSONKind {
    /// What this is, in a sentence about what it should be.
    func isNot(_ expected: String) -> WireError.Reason {
        let found =
            switch self {
            case .object: "an object"
            case .array: "an array"
            case .string: "a string"
            case .integer, .unsigned: "a whole number"
            case .fraction: "a number with a fraction or exponent"
            case .true, .false: "true or false"
            case .null: "null"
            }
        return .wrongKind(expected: expected, found: found)
    }
}
