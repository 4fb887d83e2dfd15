public import Core
public import Domain
internal import JSON

/// An update on its way to the trade-updates topics: Alpaca's own words, and what whoever passes them on must know.
public struct StreamUpdate: Sendable, Equatable {
    /// Alpaca's `data` object, byte for byte.
    public let data: [UInt8]
    /// As it is spelt; `nil` when there is none.
    public let symbol: String?
    public let orderID: String?
    /// Whether the order has ended with it.
    public let isOver: Bool
    /// The broker's time; `nil` when there is none that can be read.
    public let eventTime: Timestamp?
    /// Whether `data` names an account by itself.
    let namesAccount: Bool

    /// `nil` when the value is no object.
    init?(_ data: JSONValue) {
        guard data.isOf(.object) else { return nil }
        // Safe: copied at once.
        self.data = unsafe data.source.withUnsafeBytes { unsafe Array($0) }
        let order = data.field("order")
        symbol = order?.field("symbol")?.string.flatMap { $0.isEmpty ? nil : $0 }
        orderID = order?.field("id")?.string.flatMap { $0.isEmpty ? nil : $0 }
        isOver = order?.field("status")?.string.map { Self.ends.contains($0) } ?? false
        namesAccount = data.field("account_label") != nil
        // An order without an event says when it was last touched, as the reader of the topic takes it.
        let texts = [
            data.field("timestamp")?.string, data.field("t")?.string,
            data.field("event") == nil ? order?.field("updated_at")?.string : nil, order?.field("submitted_at")?.string,
        ]
        let text = texts.lazy.compactMap(\.self).first
        eventTime = text.flatMap { text in
            // Who passes it on may not mind; who reads it puts it aside.
            do { return try Timestamp(text) } catch { return nil }
        }
    }

    private static let ends: Set<String> = ["filled", "canceled", "expired", "rejected", "replaced"]
}

extension StreamUpdate {
    /// An order as the broker lists it, without an event.
    public init?(listed order: CompactJSON) {
        var writer = JSONWriter(reserving: order.bytes.count + 16)
        writer.object { writer in
            writer.key("order")
            writer.raw(order.bytes)
        }
        self.init(parsing: writer.finish())
    }

    /// An execution as the broker's list of activities tells it; what the list does not say is not there.
    public struct Execution: Sendable, Equatable {
        public var event: String
        public var id: String
        public var orderID: String
        public var time: String
        public var symbol: String
        public var side: String?
        public var price: String?
        public var qty: String?
        /// Filled so far.
        public var cumulativeQty: String?
        public var orderStatus: String?

        public init(
            event: String, id: String, orderID: String, time: String, symbol: String, side: String? = nil,
            price: String? = nil, qty: String? = nil, cumulativeQty: String? = nil, orderStatus: String? = nil
        ) {
            self.event = event
            self.id = id
            self.orderID = orderID
            self.time = time
            self.symbol = symbol
            self.side = side
            self.price = price
            self.qty = qty
            self.cumulativeQty = cumulativeQty
            self.orderStatus = orderStatus
        }
    }

    public init?(_ execution: Execution) {
        var writer = JSONWriter(reserving: 512)
        func write(_ name: StaticString, _ text: String?) {
            guard let text else { return }
            writer.key(name)
            writer.string(text)
        }
        writer.beginObject()
        write("event", execution.event)
        write("timestamp", execution.time)
        write("execution_id", execution.id)
        write("price", execution.price)
        write("qty", execution.qty)
        writer.key("order")
        writer.beginObject()
        write("id", execution.orderID)
        write("symbol", execution.symbol)
        write("side", execution.side)
        write("status", execution.orderStatus)
        write("filled_qty", execution.cumulativeQty)
        writer.endObject()
        writer.endObject()
        self.init(parsing: writer.finish())
    }

    private init?(parsing text: [UInt8]) {
        var parser = JSONParser()
        let value: JSONValue
        do { value = try parser.parse(text) } catch { return nil }
        self.init(value)
    }
}
