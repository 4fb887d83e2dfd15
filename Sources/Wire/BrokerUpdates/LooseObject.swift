internal import Core
internal import Domain
internal import JSON

/// An object of a message whose fields may be spelled and typed in several ways.
///
/// Absent, null and blank are the same. What is there must be right.
struct LooseObject: ~Escapable {
    private let value: JSONValue
    /// Where this object lies, as errors say it: `payload.order`.
    private let path: String

    @_lifetime(copy value)
    init(_ value: JSONValue, _ path: String) {
        self.value = value
        self.path = path
    }

    func has(_ name: StaticString) -> Bool { value.field(name) != nil }

    /// The object under this name, if it is one.
    @_lifetime(copy self)
    func object(_ name: StaticString) -> LooseObject? {
        guard let found = value.field(name), found.kind == .object else { return nil }
        return LooseObject(found, path.isEmpty ? "\(name)" : "\(path).\(name)")
    }

    /// Whether the field is exactly this text.
    func says(_ name: StaticString, _ text: String) -> Bool { value.field(name)?.string == text }

    /// A text, read as its type reads it, without the blanks around it.
    func text<Value: FieldText>(_ name: StaticString) throws(BrokerUpdateRefusal) -> Value? {
        guard let found = value.field(name), !found.isNull else { return nil }
        guard let text = found.utf8 else { throw fault(name, found.kind.isNot("a string").description) }
        guard let bounds = Self.trimmed(text) else { return nil }
        do { return try Value.read(text.extracting(bounds)) } catch { throw fault(name, error.description) }
    }

    private func trimmed(_ name: StaticString) throws(BrokerUpdateRefusal) -> String? {
        guard let found = value.field(name), !found.isNull else { return nil }
        guard let text = found.utf8 else { throw fault(name, found.kind.isNot("a string").description) }
        guard let bounds = Self.trimmed(text) else { return nil }
        // Safe: the bytes are read inside the call, and simdjson has checked that they are UTF-8.
        return unsafe text.extracting(bounds).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Where the text stands without the blanks around it; `nil` when there is nothing else.
    private static func trimmed(_ text: RawSpan) -> Range<Int>? {
        func isBlank(at offset: Int) -> Bool {
            // Safe: the load checks its bounds.
            let byte = unsafe text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            return byte == 0x20 || (0x09...0x0D).contains(byte)
        }
        var (first, last) = (0, text.byteCount)
        while first < last, isBlank(at: first) { first += 1 }
        while first < last, isBlank(at: last - 1) { last -= 1 }
        return first < last ? first..<last : nil
    }

    /// A decimal, as text or as a number, with or without an exponent.
    func amount(
        _ name: StaticString, _ digits: LooseDecimal.Digits = .exact
    ) throws(BrokerUpdateRefusal) -> Amount? {
        guard let found = value.field(name), !found.isNull else { return nil }
        let text: String
        switch found.kind {
        case .string:
            guard let trimmed = try trimmed(name) else { return nil }
            text = trimmed
        case .integer, .unsigned, .fraction: text = found.sourceText
        case .object, .array, .true, .false, .null:
            throw fault(name, found.kind.isNot("a number or a decimal text").description)
        }
        do { return try LooseDecimal.read(text, digits) } catch { throw fault(name, error.description) }
    }

    /// A whole number, as text or as a number.
    func integer(_ name: StaticString) throws(BrokerUpdateRefusal) -> Int64? {
        guard let found = value.field(name), !found.isNull else { return nil }
        if let integer = found.int64 { return integer }
        guard found.kind == .string else {
            throw fault(name, found.kind.isNot("a whole number of 64 bits").description)
        }
        guard let text = try trimmed(name) else { return nil }
        guard let integer = Int64(text) else { throw fault(name, "not a whole number of 64 bits") }
        return integer
    }

    private func fault(_ name: StaticString, _ reason: String) -> BrokerUpdateRefusal {
        .invalid(path: path.isEmpty ? "$.\(name)" : "$.\(path).\(name)", reason)
    }
}
