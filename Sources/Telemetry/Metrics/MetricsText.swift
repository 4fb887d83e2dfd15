/// A name and the labels that tell one series from the others, as they stand in the text.
struct Series {
    let name: String
    /// `a="b",c="d"`, or empty.
    let labels: String

    init(_ name: String, labels: String) {
        self.name = name
        self.labels = labels
    }

    init(_ name: String, _ labels: [(name: String, value: String)]) {
        self.init(name, labels: Self.text(labels))
    }

    static func text(_ labels: [(name: String, value: String)]) -> String {
        labels.map { "\($0.name)=\"\(MetricsText.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    /// The same series under a longer name.
    func suffixed(_ suffix: String) -> Series { Series(name + suffix, labels: labels) }
}

/// Prometheus' text exposition format, version 0.0.4, as it grows.
struct MetricsText {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func heading(_ name: String, _ kind: MetricDeclaration.Kind, _ help: String) {
        add("# HELP \(name) \(Self.escaped(help, quotes: false))\n")
        add("# TYPE \(name) \(kind.rawValue)\n")
    }

    mutating func sample(_ series: Series, _ value: UInt64) { sample(series.name, series.labels, "", "\(value)") }

    mutating func sample(_ series: Series, _ value: Double) {
        sample(series.name, series.labels, "", Self.number(value))
    }

    /// With one more label, which is ready to be written.
    mutating func sample(_ series: Series, and label: String, _ value: UInt64) {
        sample(series.name, series.labels, label, "\(value)")
    }

    private mutating func sample(_ name: String, _ labels: String, _ label: String, _ value: String) {
        add(name)
        if !labels.isEmpty || !label.isEmpty {
            add("{")
            add(labels)
            if !labels.isEmpty, !label.isEmpty { add(",") }
            add(label)
            add("}")
        }
        add(" ")
        add(value)
        add("\n")
    }

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Whole numbers without a point, and Prometheus' words for what is no number.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
        return "\(value)"
    }

    /// Quotes are escaped in label values, and stay as they are in help texts.
    static func escaped(_ text: String, quotes: Bool) -> String {
        let special: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\"")]
        guard text.utf8.contains(where: special.contains) else { return text }
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
