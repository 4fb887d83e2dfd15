internal import Core
internal import Domain

/// Decimals as other programs write them: also with an exponent, which floats and Java's `BigDecimal` print.
enum LooseDecimal {
    enum Digits {
        /// More than nine digits after the point are refused.
        case exact
        /// They are rounded half to even.
        case rounded
    }

    /// No decimal of ours is longer, and no exponent larger.
    private static let maximumDigits = 64

    static func read(_ text: String, _ digits: Digits) throws(FieldFault) -> Amount {
        do throws(Amount.TextFault) { return try Amount(text) } catch {
            switch error {
            case .exponent, .tooPrecise:
                guard let plain = plain(text, digits) else { throw FieldFault(error.description) }
                do throws(Amount.TextFault) { return try Amount(plain) } catch { throw FieldFault(error.description) }
            default: throw FieldFault(error.description)
            }
        }
    }

    /// The same number without exponent, and with at most nine digits after the point when they may be rounded.
    private static func plain(_ text: String, _ digits: Digits) -> String? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count <= 2, text.utf8.count <= maximumDigits,
            let exponent = parts.count == 2 ? Int(parts[1]) : 0, abs(exponent) <= maximumDigits
        else { return nil }
        var mantissa = Array(parts[0].utf8)
        let isNegative = mantissa.first == UInt8(ascii: "-")
        if isNegative || mantissa.first == UInt8(ascii: "+") { mantissa.removeFirst() }
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.count
        var number = mantissa.filter { $0 != UInt8(ascii: ".") }
        guard !number.isEmpty, mantissa.count - number.count <= 1,
            number.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        var whole = point + exponent
        if whole < 1 {
            number.insert(contentsOf: [UInt8](repeating: UInt8(ascii: "0"), count: 1 - whole), at: 0)
            whole = 1
        }
        if whole > number.count {
            number.append(contentsOf: [UInt8](repeating: UInt8(ascii: "0"), count: whole - number.count))
        }
        if digits == .rounded { round(&number, &whole) }
        let sign = isNegative ? "-" : ""
        let fraction = String(decoding: number[whole...], as: UTF8.self)
        return sign + String(decoding: number[..<whole], as: UTF8.self) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Cuts digits to nine behind the point, from the middle to the even one.
    private static func round(_ number: inout [UInt8], _ whole: inout Int) {
        let kept = whole + Amount.scale
        guard number.count > kept else { return }
        let rest = number[kept...]
        let first = rest[kept]
        let isMiddle = first == UInt8(ascii: "5") && rest.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") }
        let up = isMiddle ? number[kept - 1] % 2 == 1 : first >= UInt8(ascii: "5")
        number.removeSubrange(kept...)
        guard up else { return }
        var index = kept - 1
        while index >= 0, number[index] == UInt8(ascii: "9") {
            number[index] = UInt8(ascii: "0")
            index -= 1
        }
        if index >= 0 {
            number[index] += 1
        } else {
            number.insert(UInt8(ascii: "1"), at: 0)
            whole += 1
        }
    }
}
