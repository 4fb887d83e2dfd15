/// A name and the labels that tell one series from the others.
struct Series {
    let name: String
    let labels: [(name: String, value: String)]

    init(_ name: String, _ labels: [(String, String)]) {
        self.name = name
        self.labels = labels
    }

    /// The same series under a longer name, perhaps with one more label.
    func suffixed(_ suffix: String, adding label: (String, String)? = nil) -> Series {
        Series(name + suffix, labels + (label.map { [$0] } ?? []))
    }
}

/// Prometheus' text exposition format, version 0.0.4, as it grows.
struct MetricsText {
    private(set) var text = ""

    mutating func heading(_ declaration: MetricDeclaration) {
        text += "# HELP \(declaration.name) \(Self.escaped(declaration.help, quotes: false))\n"
        text += "# TYPE \(declaration.name) \(declaration.kind.rawValue)\n"
    }

    mutating func sample(_ series: Series, _ value: UInt64) { sample(series, "\(value)") }

    mutating func sample(_ series: Series, _ value: Double) { sample(series, Self.number(value)) }

    private mutating func sample(_ series: Series, _ value: String) {
        text += series.name
        if !series.labels.isEmpty {
            let labels = series.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(labels.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// Whole numbers without a point, and Prometheus' words for what is no number.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
        return "\(value)"
    }

    /// Quotes are escaped in label values, and stay as they are in help texts.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
