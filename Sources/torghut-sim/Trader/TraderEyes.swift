import Core
import HTTPClient
import Threading

/// What the trader sees of the market: quotes and positions of a simulated broker, where one is named.
struct TraderEyes {
    struct Sight {
        let bid: Amount
        let ask: Amount
        /// What has been held for a while: the product's own view of the account is some seconds behind.
        let held: Amount
        let position: Amount
        let at: Timestamp?
    }

    /// A position counts that was there for so long.
    static let settling = Duration.seconds(30)

    private let address: String?
    private let pool = HTTPPool(
        lanes: 1,
        limits: HTTPLimits(connectTimeout: .seconds(1), firstByteTimeout: .seconds(1), totalTimeout: .seconds(2)))
    private let time = SystemTime()
    private var quotes: [String: (bid: Amount, ask: Amount, at: Timestamp)] = [:]
    private var positions: [String: [(moment: Duration, qty: Amount)]] = [:]
    private var lastLook: Duration?

    init(_ address: String?) { self.address = address }

    /// Looks at most ten times a second; a broker that is away leaves what was seen last.
    mutating func look() async {
        guard let address else { return }
        let now = time.uptime()
        if let lastLook, now - lastLook < .milliseconds(100) { return }
        lastLook = now
        let exchange = await pool.exchange(HTTPRequest(.get, address + "/_sim/market"))
        guard case .success(let response) = exchange.result, response.status == 200, let tree = Tree(response.body),
            let at = tree["at"]?.string.flatMap({ try? Timestamp($0) })
        else { return }
        for row in tree["symbols"]?.elements ?? [] {
            guard let symbol = row["symbol"]?.string, let bid = row["bid"]?.amount, let ask = row["ask"]?.amount,
                let qty = row["position"]?.amount
            else { continue }
            quotes[symbol] = (bid, ask, at)
            // The last look from before counts as long as no later one is old enough.
            var seen = positions[symbol] ?? []
            while seen.count > 1, now - seen[1].moment > Self.settling { seen.removeFirst() }
            positions[symbol] = seen + [(now, qty)]
        }
    }

    func sight(of symbol: String) -> Sight {
        let seen = positions[symbol] ?? []
        let isOld = seen.first.map { time.uptime() - $0.moment > Self.settling } ?? false
        let held = isOld ? seen.map(\.qty).min() ?? .zero : .zero
        if let quote = quotes[symbol] {
            return Sight(bid: quote.bid, ask: quote.ask, held: held, position: seen.last?.qty ?? .zero, at: quote.at)
        }
        let start = SimMarket.price(hundredths: SimMarket.start(of: symbol))
        return Sight(bid: start, ask: start, held: held, position: .zero, at: nil)
    }
}
