import Core
public import Domain

/// The counters as somebody else adds them up from the log's events: names and labels as a scrape shows them.
public struct RouteTally: Equatable, Sendable {
    public private(set) var samples: [String: Int] = [:]

    /// The counters that tell what became of orders.
    public static let names = [
        "execution_requests_total", "execution_fallback_total", "execution_fallback_reason_total",
        "torghut_trading_lean_request_total", "torghut_trading_lean_failure_taxonomy_total",
        "torghut_trading_lean_latency_seconds_count",
    ]

    public init(_ events: [Route]) {
        for event in events {
            switch event {
            case .attemptPrepared(let it):
                add("execution_requests_total{adapter=\"\(it.evidence.executionAdapter.rawValue)\"}")
                if it.evidence.executionAdapter == .lean {
                    add("torghut_trading_lean_request_total{operation=\"submit_order\"}")
                }
            case .fallbackDecided(let it):
                add(
                    "execution_fallback_total{from=\"\(it.fromAdapter.rawValue)\",to=\"\(it.toAdapter.rawValue)\"}")
                add("execution_fallback_reason_total{reason=\"\(it.executionFallbackReason.text)\"}")
            case .attemptAccepted(let it): answered(it.evidence, it.reply)
            case .attemptRejected(let it) where it.rejectionClass != .local:
                answered(it.evidence, it.reply)
                if it.rejectionClass != .brokerRejected { failed(it.evidence, it.failureTaxonomy) }
            case .attemptUnknown(let it):
                answered(it.evidence, it.reply)
                failed(it.evidence, it.failureTaxonomy)
            case .cancelRequested(let it) where it.executionAdapter == .lean:
                add("torghut_trading_lean_request_total{operation=\"cancel_order\"}")
            default: break
            }
        }
    }

    /// The same out of a scrape's text.
    public init(scraped text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            guard Self.names.contains(String(name)), let space = line.lastIndex(of: " ") else { continue }
            if let count = Int(line[line.index(after: space)...]), count > 0 {
                samples[String(line[..<space])] = count
            }
        }
    }

    private mutating func add(_ sample: String) { samples[sample, default: 0] += 1 }

    private mutating func answered(_ evidence: RouteEvidence, _ reply: AdapterReply) {
        guard evidence.executionAdapter == .lean, reply.latencyMicroseconds != nil else { return }
        add("torghut_trading_lean_latency_seconds_count{operation=\"submit_order\"}")
    }

    private mutating func failed(_ evidence: RouteEvidence, _ taxonomy: FailureTaxonomy) {
        guard evidence.executionAdapter == .lean else { return }
        add(
            "torghut_trading_lean_failure_taxonomy_total{operation=\"submit_order\",taxonomy=\"\(taxonomy.rawValue)\"}")
    }
}
