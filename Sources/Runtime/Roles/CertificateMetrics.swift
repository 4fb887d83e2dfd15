internal import HTTPServer
internal import Telemetry

/// When the certificates end that this process shows: it reads each once, whatever is renewed beside it.
struct CertificateMetrics: Sendable {
    private let ends: Family<Gauge>

    init(in registry: Registry) {
        ends = registry.gauges(
            "torghut_certificate_expires_timestamp_seconds", "When a certificate ends that this process shows.",
            by: ["use"])
    }

    func show(_ use: String, end: Int64?) {
        if let end { ends.labelled(use).set(Double(end)) }
    }

    /// What this process shows to brokers.
    func showClient(of properties: [String: String]) {
        guard let path = properties["ssl.certificate.location"] else { return }
        show("kafka", end: CertificateEnd.seconds(ofFile: path))
    }
}
