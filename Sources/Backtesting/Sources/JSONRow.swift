internal import Core
internal import JSON

/// Rows of JSON: an object, as Alpaca's frames or our own names have it; in a log also several, or inside an envelope.
struct JSONRow: ~Copyable {
    private var parser = JSONParser(limits: JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16))

    init() {}

    /// One object.
    mutating func read(
        _ line: [UInt8], into row: inout MarketRow, _ names: SymbolNames
    ) throws(MarketRow.Problem) {
        let value: JSONValue
        do { value = try parser.parse(line) } catch { throw .init(text: error.description) }
        guard value.kind == .object else { throw .init(text: "it is no object") }
        _ = try Self.fill(&row, from: value, names)
    }

    /// Every quote of a record: what has no bid and no ask is something else.
    mutating func readEach(
        of bytes: [UInt8], into row: inout MarketRow, _ names: SymbolNames,
        _ take: (MarketRow) throws(MarketRow.Problem) -> Void
    ) throws(MarketRow.Problem) {
        let value: JSONValue
        do { value = try parser.parse(bytes) } catch { throw .init(text: error.description) }
        try Self.each(of: value, into: &row, names, depth: 0, take)
    }

    private static func each(
        of value: JSONValue, into row: inout MarketRow, _ names: SymbolNames, depth: Int,
        _ take: (MarketRow) throws(MarketRow.Problem) -> Void
    ) throws(MarketRow.Problem) {
        if var elements = value.elements() {
            guard depth < 2 else { return }
            while let element = elements.next() {
                try each(of: element, into: &row, names, depth: depth + 1, take)
            }
            return
        }
        guard value.kind == .object else { return }
        if depth < 2, let payload = value.field("payload"), payload.kind == .object || payload.kind == .array {
            try each(of: payload, into: &row, names, depth: depth + 1, take)
            return
        }
        row.clear()
        if try fill(&row, from: value, names) { try take(row) }
    }

    /// Whether it says both sides of a quote.
    private static func fill(
        _ row: inout MarketRow, from value: JSONValue, _ names: SymbolNames
    ) throws(MarketRow.Problem) -> Bool {
        var (hasBid, hasAsk) = (false, false)
        guard var fields = value.fields() else { return false }
        while let field = fields.next() {
            guard let known = MarketField.byName[field.name] else { continue }
            let value = field.value
            if let text = value.utf8 {
                try row.set(known, text, names)
            } else if value.kind == .integer || value.kind == .unsigned || value.kind == .fraction {
                try row.set(known, value.source, names)
            } else if !value.isNull {
                throw .init(text: "\(known) is neither text nor number")
            }
            if known == .bid { hasBid = true }
            if known == .ask { hasAsk = true }
        }
        return hasBid && hasAsk
    }
}
