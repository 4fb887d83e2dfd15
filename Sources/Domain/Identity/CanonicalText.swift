/// The text that an identity is the hash of.
///
/// The first line names the kind and its version. Then each field has a line `name=length:value`, with the length of
/// the value in bytes: so no value can look like another field, whatever it holds.
public struct CanonicalText: Sendable, Equatable {
    public private(set) var bytes: [UInt8]

    public init(_ kind: String, _ fields: [(name: String, value: String)] = []) {
        bytes = Array(kind.utf8)
        bytes.append(UInt8(ascii: "\n"))
        for field in fields { append(field.name, field.value) }
    }

    public mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: "=\(value.utf8.count):".utf8)
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }
}
