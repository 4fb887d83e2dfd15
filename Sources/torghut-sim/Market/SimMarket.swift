import Core

/// What the simulated market trades when nobody says otherwise, and where each price begins.
enum SimMarket {
    static let symbols = ["AAPL", "MSFT", "NVDA", "TSLA", "BTC/USD", "ETH/USD"]

    /// Names between commas, without blanks; `nil` when there is none or one comes twice.
    static func symbols(_ text: String) -> [String]? {
        let names = text.split(separator: ",").map { $0.filter { $0 != " " } }
        return names.isEmpty || names.contains("") || Set(names).count < names.count ? nil : names
    }

    /// Hundredths of the price that a symbol begins at.
    static func start(of symbol: String) -> Int128 {
        switch symbol {
        case "AAPL": 19_000
        case "MSFT": 42_000
        case "NVDA": 14_000
        case "TSLA": 25_000
        case "BTC/USD": 6_500_000
        case "ETH/USD": 320_000
        default: symbol.utf8.reduce(Int128(2_000)) { ($0 * 31 + Int128($1)) % 40_000 + 2_000 }
        }
    }

    static func price(hundredths: Int128) -> Amount { Amount(units: hundredths * Amount.unitsPerOne / 100) }
}
