/// Bytes that are not text, as text (RFC 4648, with padding).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: RawSpan) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.byteCount + 2) / 3 * 4)
        // Safe: read inside the call only.
        unsafe bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var group: UInt32 = 0
                for index in 0..<3 { group = group << 8 | (index < count ? unsafe UInt32(bytes[start + index]) : 0) }
                for index in 0..<4 {
                    let letter = alphabet[Int(group >> UInt32(18 - 6 * index)) & 63]
                    text.append(index <= count ? letter : UInt8(ascii: "="))
                }
            }
        }
        return text
    }

    /// `nil` unless the text is exactly what `encode` would write.
    static func decode(_ text: RawSpan) -> [UInt8]? {
        guard text.byteCount % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.byteCount / 4 * 3)
        var group: UInt32 = 0
        var padding = 0
        // Safe: read inside the call only.
        let good = unsafe text.withUnsafeBytes { text in
            for index in 0..<text.count {
                let letter = unsafe text[index]
                let value = values[Int(letter)]
                if letter == UInt8(ascii: "="), index >= text.count - 2 {
                    padding += 1
                } else if value == 0xFF || padding > 0 {
                    return false
                }
                group = group << 6 | UInt32(value & 63) * (padding > 0 ? 0 : 1)
                guard index % 4 == 3 else { continue }
                for shift in [16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
                group = 0
            }
            return true
        }
        guard good, bytes.suffix(padding).allSatisfy({ $0 == 0 }) else { return nil }
        bytes.removeLast(padding)
        return bytes
    }
}
