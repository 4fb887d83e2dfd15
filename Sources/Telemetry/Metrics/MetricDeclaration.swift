/// What an instrument says of itself, checked where it is declared and not when somebody scrapes it.
struct MetricDeclaration: Equatable, Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let kind: Kind
    let name: String
    let help: String
    let labels: [String]
    /// Upper bounds of a histogram's buckets.
    var bounds: [Double] = []
    /// Another name for the same measurements.
    var original: OriginalName?

    /// What is wrong with it, or `nil`.
    var fault: String? {
        if let name = names.first(where: { !Self.isName($0, allowing: ":") }) {
            return "'\(name)' is not a metric name"
        }
        if original != nil, kind != .histogram { return "\(name): only a histogram is told in another unit" }
        if original?.help.isEmpty == true { return "\(original?.name ?? name) needs a help text" }
        if help.isEmpty { return "\(name) needs a help text" }
        if (kind == .counter) != name.hasSuffix("_total") {
            return "\(name): counters end in _total, and nothing else does"
        }
        for label in labels {
            if !Self.isName(label, allowing: nil) || label.hasPrefix("__") {
                return "\(name): '\(label)' is not a label name"
            }
            if label == "le" || label == Self.overflowLabel { return "\(name): label '\(label)' is taken" }
        }
        if Set(labels).count != labels.count { return "\(name) has a label twice" }
        if kind == .histogram {
            if bounds.isEmpty || bounds.contains(where: { !$0.isFinite }) { return "\(name) needs finite buckets" }
            if zip(bounds, bounds.dropFirst()).contains(where: { $0 >= $1 }) { return "\(name): buckets must ascend" }
        }
        return nil
    }

    /// The label of the series that stands for all those beyond the limit.
    static let overflowLabel = "overflow"

    private var names: [String] { [name, original?.name].compactMap(\.self) }

    /// Names under which samples appear.
    var sampleNames: [String] {
        kind == .histogram ? names.flatMap { [$0, $0 + "_bucket", $0 + "_sum", $0 + "_count"] } : names
    }

    private static func isName(_ name: String, allowing extra: Character?) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.allSatisfy { character in
            character == "_" || character == extra || (character.isASCII && (character.isLetter || character.isNumber))
        }
    }
}
