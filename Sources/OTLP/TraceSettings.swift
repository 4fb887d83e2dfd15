public import Core

/// Where spans go, by the names that OpenTelemetry gave to its settings.
public struct TraceSettings: Sendable {
    public static let names = [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER",
        "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
        "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY",
    ]

    /// Where a batch is sent.
    public let address: String
    public let headers: [(name: String, value: Secret<String>)]
    /// How long one request may take.
    public let timeout: Duration
    public let resource: [(name: String, value: String)]
    /// Of all traces, from 0 to 1.
    public let share: Double
    public let maximumWaiting: Int
    public let batch: Int
    /// How long a batch waits to be filled.
    public let delay: Duration

    public struct Problems: Error, Sendable {
        public let problems: [String]
    }

    /// `nil`: nobody named a collector, or somebody said that there shall be none.
    public static func read(
        service: String, process: String, _ value: @escaping (String) -> String?
    ) throws(Problems) -> TraceSettings? {
        if value("OTEL_SDK_DISABLED")?.lowercased() == "true" || value("OTEL_TRACES_EXPORTER") == "none" { return nil }
        let base = value("OTEL_EXPORTER_OTLP_ENDPOINT").map { $0 + ($0.hasSuffix("/") ? "" : "/") + "v1/traces" }
        guard let address = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? base else { return nil }
        var reading = TraceReading(value: value)
        let settings = TraceSettings(address, service, process, &reading)
        guard reading.problems.isEmpty else { throw Problems(problems: reading.problems) }
        return settings
    }

    private init(_ address: String, _ service: String, _ process: String, _ reading: inout TraceReading) {
        reading.expect("OTEL_TRACES_EXPORTER", ["otlp"])
        reading.expect("OTEL_EXPORTER_OTLP_PROTOCOL", ["http/json"])
        if !address.hasPrefix("http://"), !address.hasPrefix("https://") {
            reading.problems.append("OTEL_EXPORTER_OTLP_ENDPOINT is an address over HTTP, not '\(address)'")
        }
        self.address = address
        headers = reading.pairs("OTEL_EXPORTER_OTLP_HEADERS").map { ($0.name, Secret($0.value)) }
        timeout = .milliseconds(reading.number("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000, 1...600_000))
        maximumWaiting = reading.number("OTEL_BSP_MAX_QUEUE_SIZE", 2_048, 1...1_000_000)
        let batch = reading.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, 1...10_000)
        self.batch = min(batch, maximumWaiting)
        delay = .milliseconds(reading.number("OTEL_BSP_SCHEDULE_DELAY", 5_000, 1...600_000))
        share = reading.share()
        let own = [
            (name: "service.name", value: reading.value("OTEL_SERVICE_NAME") ?? service),
            (name: "service.instance.id", value: process),
        ]
        let given = reading.pairs("OTEL_RESOURCE_ATTRIBUTES").filter { pair in !own.contains { $0.name == pair.name } }
        resource = own + given
    }
}

/// Settings as they are read, with all that is wrong with them.
private struct TraceReading {
    let value: (String) -> String?
    var problems: [String] = []

    init(value: @escaping (String) -> String?) { self.value = value }

    mutating func expect(_ name: String, _ known: [String]) {
        guard let given = value(name), !known.contains(given) else { return }
        problems.append("\(name) is \(known.joined(separator: " or ")), not '\(given)'")
    }

    mutating func number(_ name: String, _ usual: Int, _ range: ClosedRange<Int>) -> Int {
        guard let given = value(name) else { return usual }
        guard let number = Int(given), range.contains(number) else {
            problems.append("\(name) is a number from \(range.lowerBound) to \(range.upperBound), not '\(given)'")
            return usual
        }
        return number
    }

    /// Which part of all traces is recorded; what a caller decided is not asked, because the log does not carry it.
    mutating func share() -> Double {
        let sampler = value("OTEL_TRACES_SAMPLER") ?? "always_on"
        switch sampler {
        case "always_on", "parentbased_always_on": return 1
        case "always_off", "parentbased_always_off": return 0
        case "traceidratio", "parentbased_traceidratio":
            let given = value("OTEL_TRACES_SAMPLER_ARG") ?? "1"
            guard let share = Double(given), (0...1).contains(share) else {
                problems.append("OTEL_TRACES_SAMPLER_ARG is a number from 0 to 1, not '\(given)'")
                return 1
            }
            return share
        default:
            problems.append("OTEL_TRACES_SAMPLER is always_on, always_off or traceidratio, not '\(sampler)'")
            return 1
        }
    }

    /// `name=value,…`; values may be written with percent signs.
    mutating func pairs(_ name: String) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in (value(name) ?? "").split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = Self.unescaped(Self.trimmed(sides[1])), !sides[0].isEmpty else {
                // The value may be a secret, and is not repeated.
                problems.append("\(name) is name=value,… and has a part that is not")
                continue
            }
            pairs.append((String(Self.trimmed(sides[0])), value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
