internal import Telemetry

/// Whether an answer to `GET /metrics` is one that a scraper can use, and is ours.
public struct MetricsScrape: Sendable {
    /// Families without which it is not.
    public static let families = [
        "torghut_role_state", "torghut_http_requests_total", "torghut_http_request_duration_seconds",
    ]

    /// What the original called some, told to whoever asks for it.
    public static let originals = [
        "jangar_reconcile_duration_ms", "torghut_trading_lean_latency_ms", "torghut_ws_lag_ms",
    ]

    public let status: Int
    public let contentType: String?
    public let body: [UInt8]

    public init(status: Int, contentType: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// What is wrong with it, if anything is.
    public func fault(requiring families: [String] = MetricsScrape.families) -> String? {
        guard status == 200 else { return "GET /metrics answers \(status) and not 200" }
        guard contentType == Registry.contentType else {
            return "GET /metrics is served as \(contentType ?? "nothing")"
        }
        guard !body.isEmpty else { return "GET /metrics has no body" }
        guard let text = String(validating: body, as: UTF8.self) else { return "GET /metrics is no UTF-8" }
        var declared: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4 else { return Self.wrong(line) }
                guard declared.updateValue(words[3], forKey: words[2]) == nil else {
                    return "GET /metrics declares \(words[2]) twice"
                }
            } else if !line.hasPrefix("#"), let fault = Self.fault(of: line, declared) {
                return fault
            }
        }
        let missing = families.filter { declared[$0[...]] == nil }
        return missing.isEmpty ? nil : "GET /metrics lacks \(missing.joined(separator: ", "))"
    }

    private static func fault(of line: Substring, _ declared: [Substring: Substring]) -> String? {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let value = line.split(separator: " ").last
        guard !name.isEmpty, name.count < line.count, value.flatMap({ Double($0) }) != nil else { return wrong(line) }
        if declared[name] != nil { return nil }
        let isPart = ["_bucket", "_sum", "_count"].contains { end in
            name.hasSuffix(end) && declared[name.dropLast(end.count)] == "histogram"
        }
        return isPart ? nil : "GET /metrics has \(name), which no TYPE declares"
    }

    private static func wrong(_ line: Substring) -> String {
        "GET /metrics has a line that is no sample: \(line.prefix(80))"
    }
}
