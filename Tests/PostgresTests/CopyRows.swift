import Postgres

/// Rows of a number, a text and sometimes nothing, as a binary COPY takes them.
struct CopyRows {
    /// With header, without trailer: the end of the COPY says it too.
    private(set) var bytes = CopyFormat.header
    let count: Int

    init(_ range: Range<Int>) {
        count = range.count
        for number in range {
            append(Int16(3))
            append(Int32(8))
            append(Int64(number))
            let text = Array("order-\(number)".utf8)
            append(Int32(text.count))
            bytes += text
            if number % 7 == 0 {
                append(Int32(-1))
            } else {
                append(Int32(8))
                append(Int64(number) &* 1_000_001)
            }
        }
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
