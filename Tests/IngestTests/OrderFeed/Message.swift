/// A message of the broker's stream, in the shapes that forwarders give it.
struct Message {
    var event: String
    var status: String
    var id = "61e69015-8549-4bfd-b9c3-01e75843f47d"
    var client = String(repeating: "ab", count: 32)
    var symbol = "AAPL"
    var second = 1
    var filled = "0"
    /// The slice's id, quantity and price.
    var slice: (id: String, qty: String, price: String)?
    var account: String?

    var data: String {
        var fields = [
            "\"event\":\"\(event)\"", "\"timestamp\":\"2026-02-11T15:30:\(second < 10 ? "0" : "")\(second).5Z\"",
        ]
        if let slice {
            fields += [
                "\"execution_id\":\"\(slice.id)\"", "\"qty\":\"\(slice.qty)\"", "\"price\":\"\(slice.price)\"",
                "\"position_qty\":\"\(slice.qty)\"",
            ]
        }
        if let account { fields.append("\"account_label\":\"\(account)\"") }
        let order = [
            "\"id\":\"\(id)\"", "\"client_order_id\":\"\(client)\"", "\"symbol\":\"\(symbol)\"",
            "\"status\":\"\(status)\"", "\"qty\":\"100\"", "\"filled_qty\":\"\(filled)\"", "\"side\":\"buy\"",
            "\"type\":\"market\"", "\"time_in_force\":\"day\"",
        ]
        fields.append("\"order\":{\(order.joined(separator: ","))}")
        return "{\(fields.joined(separator: ","))}"
    }

    /// The broker's own frame.
    var frame: String { "{\"stream\":\"trade_updates\",\"data\":\(data)}" }

    /// The forwarder's envelope.
    func envelope(version: Int = 1, seq: Int = 1) -> String {
        """
        {"ingestTs":"2026-02-11T15:30:59Z","eventTs":"2026-02-11T15:30:59Z","feed":"alpaca",\
        "channel":"trade_updates","symbol":"\(symbol)","seq":\(seq),"payload":\(data),"accountLabel":\
        \(account.map { "\"\($0)\"" } ?? "null"),"isFinal":true,"source":"ws","window":null,"version":\(version)}
        """
    }

    /// A whole day of one order: opened, filled in two slices.
    static func story(_ number: Int, symbol: String = "AAPL") -> [Message] {
        let digits = String(number, radix: 16)
        let client = String(repeating: "0", count: 64 - digits.count) + digits
        let order = Message(event: "new", status: "new", id: "order-\(number)", client: client, symbol: symbol)
        var part = order
        (part.event, part.status, part.second, part.filled) = ("partial_fill", "partially_filled", 2, "40")
        part.slice = ("x\(number)-1", "40", "10.5")
        var fill = order
        (fill.event, fill.status, fill.second, fill.filled) = ("fill", "filled", 3, "100")
        fill.slice = ("x\(number)-2", "60", "10.6")
        return [order, part, fill]
    }
}
