public import Core
public import Domain
internal import JSON

/// One quote as it lies on `torghut.quotes.v1`: the original forwarder's envelope around Alpaca's own fields.
public struct QuoteRecord: Sendable, Equatable {
    public var symbol: Symbol
    public var bid: Amount
    public var ask: Amount
    public var bidSize: Amount
    public var askSize: Amount
    public var quoteTime: Timestamp
    public var ingestTime: Timestamp
    public var seq: Int64

    public init(
        symbol: Symbol, bid: Amount, ask: Amount, bidSize: Amount, askSize: Amount, quoteTime: Timestamp,
        ingestTime: Timestamp, seq: Int64
    ) {
        self.symbol = symbol
        self.bid = bid
        self.ask = ask
        self.bidSize = bidSize
        self.askSize = askSize
        self.quoteTime = quoteTime
        self.ingestTime = ingestTime
        self.seq = seq
    }

    /// As a decision carries it.
    public var reference: ReferenceQuote {
        ReferenceQuote(
            bid: bid, ask: ask, bidSize: bidSize, askSize: askSize, quoteTime: quoteTime,
            source: SourceName(trusted: TopicCatalog.quotes.name))
    }

    /// The record; its key is the symbol, as the original's.
    public var record: NewRecord {
        var json = JSONWriter(reserving: 320)
        json.object { json in
            text("ingestTs", ingestTime.description, &json)
            text("eventTs", quoteTime.description, &json)
            text("feed", "alpaca", &json)
            text("channel", "quotes", &json)
            text("symbol", symbol.text, &json)
            json.key("seq")
            json.integer(seq)
            json.key("payload")
            json.object { json in
                text("T", "q", &json)
                text("S", symbol.text, &json)
                number("bp", bid, &json)
                number("bs", bidSize, &json)
                number("ap", ask, &json)
                number("as", askSize, &json)
                text("t", quoteTime.description, &json)
            }
            json.key("isFinal")
            json.bool(true)
            text("source", "ws", &json)
            json.key("version")
            json.integer(1)
        }
        let (spec, key) = (TopicCatalog.quotes.spec, Array(symbol.text.utf8))
        return NewRecord(
            topic: spec.name, partition: Murmur2Partitioner.partition(forKey: key, of: spec.partitions), key: key,
            value: json.finish())
    }

    private func text(_ name: StaticString, _ value: String, _ json: inout JSONWriter) {
        json.key(name)
        json.string(value)
    }

    private func number(_ name: StaticString, _ value: Amount, _ json: inout JSONWriter) {
        json.key(name)
        json.raw(Array(value.description.utf8))
    }
}

/// Reads quotes, in the envelope or as Alpaca sends them; one thread at a time.
public struct QuoteReader: ~Copyable {
    private var parser = JSONParser()

    public init() {}

    /// `nil` when the bytes are no quote that can be used: a stranger's record costs nothing but itself.
    public mutating func read(_ bytes: RawSpan, ingestedAt moment: Timestamp) -> QuoteRecord? {
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch { return nil }
        guard let payload = root.field("payload") else { return Self.read(root, root, moment) }
        return Self.read(payload, root, moment)
    }

    /// Each quote of a message of the broker's stream, which is a list; whatever else is in it is passed over.
    public mutating func readAll(_ bytes: [UInt8], ingestedAt moment: Timestamp) -> [QuoteRecord] {
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch { return [] }
        guard var elements = root.elements() else { return [] }
        var found: [QuoteRecord] = []
        while let element = elements.next() {
            if let quote = Self.read(element, element, moment) { found.append(quote) }
        }
        return found
    }

    private static func read(_ quote: JSONValue, _ envelope: JSONValue, _ moment: Timestamp) -> QuoteRecord? {
        let kind = quote.field("T")?.string
        guard kind == nil || kind == "q" else { return nil }
        guard let name = quote.field("S")?.string ?? envelope.field("symbol")?.string,
            let bid = amount("bp", of: quote), let ask = amount("ap", of: quote), bid > .zero, ask >= bid,
            let told = time("t", of: quote)
        else { return nil }
        let symbol: Symbol
        do { symbol = try Symbol(name) } catch { return nil }
        return QuoteRecord(
            symbol: symbol, bid: bid, ask: ask, bidSize: amount("bs", of: quote) ?? .zero,
            askSize: amount("as", of: quote) ?? .zero, quoteTime: told,
            ingestTime: time("ingestTs", of: envelope) ?? time("ingest_ts", of: envelope) ?? moment,
            seq: envelope.field("seq")?.int64 ?? 0)
    }

    /// A plain decimal, as text or number; without exponent, which no venue uses for a quote.
    private static func amount(_ name: StaticString, of object: JSONValue) -> Amount? {
        guard let value = object.field(name) else { return nil }
        let text: String
        switch value.kind {
        case .string: text = value.string ?? ""
        case .integer, .unsigned, .fraction: text = value.sourceText
        case .object, .array, .true, .false, .null: return nil
        }
        guard text.utf8.count <= 64 else { return nil }
        do {
            let amount = try Amount(text)
            return amount.isNegative ? nil : amount
        } catch { return nil }
    }

    private static func time(_ name: StaticString, of object: JSONValue) -> Timestamp? {
        guard let text = object.field(name)?.string else { return nil }
        do { return try Timestamp(text) } catch { return nil }
    }
}
