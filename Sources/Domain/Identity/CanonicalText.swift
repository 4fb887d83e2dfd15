/// The text that an identity is the hash of.
///
/// The first line names the kind and its version. Then each field has a line `name=length:value`, with the length of
/// the value in bytes: so no value can look like another field, whatever it holds.
public struct CanonicalText: Sendable, Equatable {
    public private(set) var bytes: [UInt8]

    public init(_ kind: String, _ fields: [(name: String, value: String)] = []) {
        bytes = []
        // Names, values, and what stands around them: most texts are made without growing.
        bytes.reserveCapacity(
            fields.reduce(kind.utf8.count + 128) { $0 + $1.name.utf8.count + $1.value.utf8.count + 8 })
        bytes.append(contentsOf: kind.utf8)
        bytes.append(UInt8(ascii: "\n"))
        for field in fields { append(field.name, field.value) }
    }

    public mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        append(count: value.utf8.count)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// In decimal digits; a string made for them would cost more than the hash of them.
    private mutating func append(count: Int) {
        if count >= 10 { append(count: count / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(count % 10))
    }
}
