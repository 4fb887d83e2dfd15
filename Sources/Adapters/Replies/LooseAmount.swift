public import Core
internal import JSON

/// Decimals as brokers and runners write them: text or number, also with an exponent, as floats print it.
public enum LooseAmount {
    /// No decimal of ours has more digits, and no exponent is larger.
    private static let maximumDigits = 64

    static func read(_ value: JSONValue) -> Amount? {
        switch value.kind {
        case .string: value.string.flatMap(read)
        case .integer, .unsigned, .fraction: read(value.sourceText)
        case .object, .array, .true, .false, .null: nil
        }
    }

    public static func read(_ text: String) -> Amount? {
        do throws(Amount.TextFault) { return try Amount(text) } catch {
            guard case .exponent = error, let plain = plain(text) else { return nil }
            do { return try Amount(plain) } catch { return nil }
        }
    }

    /// A price may have more digits than we keep, because it is an average: they are dropped.
    static func readPrice(_ value: JSONValue) -> Amount? {
        if let exact = read(value) { return exact }
        guard let text = value.string ?? (value.isOf(.fraction) ? value.sourceText : nil), text.utf8.count <= 128,
            let point = text.firstIndex(of: ".")
        else { return nil }
        let digits = text[text.index(after: point)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return read(String(text[..<point]) + "." + digits.prefix(Amount.scale))
    }

    /// The same number without exponent.
    private static func plain(_ text: String) -> String? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count == 2, text.utf8.count <= maximumDigits, let exponent = Int(parts[1]),
            abs(exponent) <= maximumDigits
        else { return nil }
        let sign = parts[0].hasPrefix("-") ? "-" : ""
        let mantissa = parts[0].drop { $0 == "-" || $0 == "+" }
        let point = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        guard point.count <= 2, let whole = point.first, !whole.isEmpty else { return nil }
        let fraction = point.count == 2 ? point[1] : ""
        var digits = Array(String(whole + fraction))
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        var place = whole.count + exponent
        if place < 1 {
            digits.insert(contentsOf: repeatElement("0", count: 1 - place), at: 0)
            place = 1
        }
        if place > digits.count { digits += repeatElement("0", count: place - digits.count) }
        let rest = String(digits[place...])
        return sign + String(digits[..<place]) + (rest.isEmpty ? "" : "." + rest)
    }
}
