/// Takes numbers and texts from bytes that may be anything: what is not there is an error, never a trap.
struct ByteReader {
    struct CutShort: Error {}

    private let bytes: [UInt8]
    private(set) var place: Int
    private let end: Int

    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        place = min(start, bytes.count)
        end = bytes.count
    }

    var remaining: Int { end - place }

    mutating func take<Number: FixedWidthInteger>(_ type: Number.Type) throws(CutShort) -> Number {
        let width = Number.bitWidth / 8
        guard remaining >= width else { throw CutShort() }
        var number: Number = 0
        for index in 0..<width { number |= Number(truncatingIfNeeded: bytes[place + index]) << (index * 8) }
        place += width
        return number
    }

    mutating func bytes(_ count: Int) throws(CutShort) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw CutShort() }
        defer { place += count }
        return Array(bytes[place..<place + count])
    }

    /// A length of 16 bits, then UTF-8.
    mutating func text() throws(CutShort) -> String {
        let length = Int(try take(UInt16.self))
        let raw = try bytes(length)
        guard let text = String(validating: raw, as: UTF8.self) else { throw CutShort() }
        return text
    }

    /// A count that the rest of the bytes can really hold, so that a hostile one never reserves memory.
    mutating func count(ofAtLeast width: Int) throws(CutShort) -> Int {
        let count = Int(try take(UInt32.self))
        guard count <= remaining / width else { throw CutShort() }
        return count
    }
}

/// The other direction of `ByteReader`.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        for index in 0..<Number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (index * 8))) }
    }

    mutating func put(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

    mutating func put(_ text: String) {
        let raw = Array(text.utf8)
        precondition(raw.count <= Int(UInt16.max), "names are checked against their limit before they are encoded")
        put(UInt16(raw.count))
        put(raw)
    }
}
