/// When a certificate ends, read from its PEM text: whoever shows it after that is trusted by nobody.
///
/// Reads as much of X.509 as that takes, and believes no length: what is no certificate has no end.
public enum CertificateEnd {
    /// Of the first certificate of a file, as it is now.
    public static func seconds(ofFile path: String) -> Int64? {
        do { return seconds(ofPEM: try HTTPServerIdentity.text(path)) } catch { return nil }
    }

    static func seconds(ofPEM text: [CChar]) -> Int64? {
        seconds(ofPEM: String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Seconds since 1970 at which the first certificate of the text ends.
    public static func seconds(ofPEM text: String) -> Int64? {
        guard let head = text.firstRange(of: "-----BEGIN CERTIFICATE-----") else { return nil }
        let rest = text[head.upperBound...]
        guard let tail = rest.firstRange(of: "-----END CERTIFICATE-----") else { return nil }
        guard let bytes = decoded(rest[..<tail.lowerBound]) else { return nil }
        var file = Values(bytes[...])
        guard var certificate = file.next(tagged: 0x30).map(Values.init),
            var signed = certificate.next(tagged: 0x30).map(Values.init)
        else { return nil }
        // A version stands before the serial number, unless it is the first.
        if signed.tag == 0xA0 { _ = signed.next(tagged: 0xA0) }
        // Serial number, algorithm and issuer stand before the times.
        for tag in [0x02, 0x30, 0x30] as [UInt8] { guard signed.next(tagged: tag) != nil else { return nil } }
        guard var times = signed.next(tagged: 0x30).map(Values.init), times.any() != nil else { return nil }
        guard let (tag, digits) = times.any(), digits.last == UInt8(ascii: "Z") else { return nil }
        switch (tag, digits.count) {
        case (0x17, 13): return moment(digits.dropLast(), century: true)
        case (0x18, 15): return moment(digits.dropLast(), century: false)
        default: return nil
        }
    }

    /// Values of DER, one after the other.
    private struct Values {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        var tag: UInt8? { rest.first }

        mutating func next(tagged tag: UInt8) -> ArraySlice<UInt8>? {
            guard rest.first == tag else { return nil }
            return any()?.value
        }

        mutating func any() -> (tag: UInt8, value: ArraySlice<UInt8>)? {
            guard rest.count >= 2 else { return nil }
            let tag = rest.removeFirst()
            let first = rest.removeFirst()
            var length = Int(first)
            if first >= 0x80 {
                let count = Int(first & 0x7F)
                guard (1...3).contains(count), rest.count >= count else { return nil }
                length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
                rest.removeFirst(count)
            }
            guard length <= rest.count else { return nil }
            defer { rest.removeFirst(length) }
            return (tag, rest.prefix(length))
        }
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var (bytes, group, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
        for letter in text.utf8 {
            let value: UInt8
            switch letter {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = letter - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = letter - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = letter - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "): continue
            default: return nil
            }
            group = (group << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return bytes
    }

    /// `YYMMDDHHMMSS`, of 1950 to 2049, or with four digits of the year.
    private static func moment(_ digits: ArraySlice<UInt8>, century: Bool) -> Int64? {
        let numbers = digits.map { Int64($0) - Int64(UInt8(ascii: "0")) }
        guard numbers.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let yearDigits = century ? 2 : 4
        var year = numbers.prefix(yearDigits).reduce(0) { $0 * 10 + $1 }
        if century { year += year < 50 ? 2_000 : 1_900 }
        let parts = stride(from: yearDigits, to: numbers.count, by: 2).map { numbers[$0] * 10 + numbers[$0 + 1] }
        guard (1...12).contains(parts[0]), (1...31).contains(parts[1]) else { return nil }
        // Years begin in March, so that the day that comes and goes is their last.
        let from = parts[0] > 2 ? year : year - 1
        let month = (parts[0] + 9) % 12
        let days = from * 365 + from / 4 - from / 100 + from / 400 + (month * 153 + 2) / 5 + parts[1] - 1 - 719_468
        return ((days * 24 + parts[2]) * 60 + parts[3]) * 60 + parts[4]
    }
}
