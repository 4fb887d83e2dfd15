/// A JSON number by its digits, without rounding: `1`, `1.0` and `10e-1` are the same.
struct NumberText: Equatable {
    let isNegative: Bool
    /// Without zeros at either end; empty for zero.
    let digits: [UInt8]
    let exponent: Int

    init(_ text: String) {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // An exponent that fits no integer: the number is zero or beyond every limit anyway.
                let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
                exponent += Int(String(decoding: rest, as: UTF8.self)) ?? sign * 1_000_000
                rest = []
            default:
                digits.append(byte)
                if isFraction { exponent -= 1 }
            }
        }
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
        self.isNegative = isNegative && !digits.isEmpty
    }

    var isWhole: Bool { exponent >= 0 }

    /// The whole number; one beyond 128 bits counts as the last that fits.
    var whole: Int128 {
        let text = String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: min(max(exponent, 0), 60))
        return Int128((isNegative ? "-" : "") + (text.isEmpty ? "0" : text)) ?? (isNegative ? .min : .max)
    }
}

extension JSONTree {
    /// Equal as JSON Schema means it: numbers by value, objects without order.
    func means(_ other: JSONTree) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): NumberText(left) == NumberText(right)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { member in other[member.name]?.means(member.value) ?? false }
        case (.string, _), (.number, _), (.bool, _), (.null, _), (.array, _), (.object, _): self == other
        }
    }
}
