/// What a value is.
///
/// The numbers are what simdjson writes on its tape.
public enum JSONKind: UInt8, Sendable {
    case object = 0x7B
    case array = 0x5B
    case string = 0x22
    /// An integer that fits `Int64`.
    case integer = 0x6C
    /// An integer above `Int64.max` that fits `UInt64`.
    case unsigned = 0x75
    /// A number with a fraction or an exponent: its exact value is its `source` text.
    case fraction = 0x64
    case `true` = 0x74
    case `false` = 0x66
    case null = 0x6E
}
