extension [CChar] {
    /// The text up to the terminating zero that C put into this buffer.
    var text: String { String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}
