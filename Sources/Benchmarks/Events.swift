import Core

/// 400-byte events as our topics carry them: an envelope with ids that do not compress and names that do.
struct Events {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    static let bytes = 400

    mutating func records(_ count: Int, topic: String, partitions: Int32) -> [NewRecord] {
        (0..<count).map { number in
            let symbol = Self.symbols[Int(next() % UInt64(Self.symbols.count))]
            return NewRecord(
                topic: topic, partition: Int32(next() % UInt64(partitions)), key: Array(symbol.utf8),
                value: value(number, symbol), timestamp: 1_790_000_000_000 + Int64(number))
        }
    }

    private mutating func value(_ number: Int, _ symbol: String) -> [UInt8] {
        var text = #"{"event_id":"\#(hex(2))","event_type":"order_intent_emitted","version":1,"#
        text += #""event_ts":"2026-09-21T14:03:07.\#(100_000_000 + next() % 900_000_000)Z","account_label":"paper","#
        text += #""symbol":"\#(symbol)","seq":\#(number),"source":"torghut-commands","correlation_id":"\#(hex(2))","#
        text +=
            #""payload":{"side":"buy","qty":"\#(next() % 1_000)","limit_price":"\#(next() % 100_000).25","tif":"day"}"#
        var bytes = Array(text.utf8)
        while bytes.count < Self.bytes - 1 { bytes.append(UInt8(ascii: " ")) }
        return bytes.prefix(Self.bytes - 1) + [UInt8(ascii: "}")]
    }

    private mutating func hex(_ words: Int) -> String {
        (0..<words).map { _ in
            let digits = String(next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static let symbols = ["AAPL", "MSFT", "NVDA", "BTC/USD", "ETH/USD", "SPY", "QQQ", "TSLA", "AMZN", "META"]
}
