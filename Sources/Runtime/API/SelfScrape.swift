internal import API
internal import HTTPClient
internal import HTTPServer
internal import Telemetry

/// Our own `/metrics`, asked for as a scraper asks: over a socket, at the port where we listen.
struct SelfScrape: Sendable {
    /// A scraper would have given up.
    static let patience: Duration = .seconds(3)

    private let pool: HTTPPool?
    private let address: String
    private let table: RouteTable

    init(_ settings: HTTPServerSettings, port: UInt16, _ table: RouteTable) {
        self.table = table
        let host = settings.host == "0.0.0.0" ? "127.0.0.1" : settings.host
        address = "http://\(host):\(port)/metrics"
        // A certificate is made for the name that others know us by, and not for this address: behind TLS the routes are
        // asked, and not the socket.
        pool =
            settings.identity == nil
            ? HTTPPool(
                lanes: 1,
                limits: HTTPLimits(
                    connectTimeout: Self.patience, firstByteTimeout: Self.patience, totalTimeout: Self.patience,
                    maximumResponseBytes: 16 << 20), trust: HTTPTrust(plainBeyondLoopback: true)) : nil
    }

    /// What is wrong with it, if anything is: under our names, and under the original's.
    func fault() async -> String? {
        if let fault = await fault(.base, MetricsScrape.families) { return fault }
        return await fault(.original, MetricsScrape.families + MetricsScrape.originals).map {
            "\($0) (\(MetricNames.parameter)=\(MetricNames.original.rawValue))"
        }
    }

    private func fault(_ names: MetricNames, _ families: [String]) async -> String? {
        guard let pool else { return await inside(names).fault(requiring: families) }
        let target = names == .base ? address : "\(address)?\(MetricNames.parameter)=\(names.rawValue)"
        switch await pool.exchange(HTTPRequest(.get, target)).result {
        case .success(let answer):
            return MetricsScrape(
                status: answer.status, contentType: answer.header("Content-Type"), body: answer.body
            ).fault(requiring: families)
        case .failure(let error): return "GET /metrics is not answered: \(error)"
        }
    }

    private func inside(_ names: MetricNames) async -> MetricsScrape {
        let query = names == .base ? [] : [(name: MetricNames.parameter, value: names.rawValue)]
        let answer = await table.answer(
            HTTPServerRequest(method: "GET", target: "/metrics", path: ["metrics"], query: query))
        var body: [UInt8] = []
        if case .bytes(let bytes) = answer.body { body = bytes }
        return MetricsScrape(
            status: answer.status, contentType: answer.headers.first { $0.name.lowercased() == "content-type" }?.value,
            body: body)
    }
}
