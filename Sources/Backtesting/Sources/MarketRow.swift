internal import Core
internal import Engine

/// One row as far as it was read; used again for the next, so that a million rows cost no memory of their own.
struct MarketRow {
    /// Why a row is no bar or quote.
    struct Problem: Error {
        let text: String
    }

    private var amounts: [Amount?] = Array(repeating: nil, count: MarketField.allCases.count)
    private(set) var time: Timestamp?
    /// By its index in the tape; `nil` when the row's symbol is not one of the tape's.
    private(set) var symbol: Int?
    private(set) var namesSymbol = false

    mutating func clear() {
        for index in amounts.indices { amounts[index] = nil }
        time = nil
        symbol = nil
        namesSymbol = false
    }

    /// Takes the text of a field; an empty one is none.
    mutating func set(_ field: MarketField, _ text: RawSpan, _ names: SymbolNames) throws(Problem) {
        guard text.byteCount > 0 else { return }
        switch field {
        case .time: time = try Self.time(text)
        case .symbol:
            namesSymbol = true
            symbol = names.index(of: text)
        case .open, .high, .low, .close, .volume, .bid, .ask, .bidSize, .askSize:
            do { amounts[field.rawValue] = try Amount(utf8: text) } catch {
                throw Problem(text: "\(field): \(error)")
            }
        }
    }

    /// RFC 3339, or a whole number of milliseconds since 1970, or of nanoseconds when it has that many digits.
    private static func time(_ text: RawSpan) throws(Problem) -> Timestamp {
        if text.byteCount < 20, let number = wholeNumber(text) {
            if text.byteCount > 16 { return Timestamp(nanoseconds: number) }
            guard let time = Timestamp(milliseconds: number) else {
                throw Problem(text: "time: \(number) milliseconds are out of range")
            }
            return time
        }
        do { return try Timestamp(utf8: text) } catch { throw Problem(text: "time: \(error)") }
    }

    private static func wholeNumber(_ text: RawSpan) -> Int64? {
        var number: Int64 = 0
        for index in 0..<text.byteCount {
            let digit = text.octet(index)
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (tens, over) = number.multipliedReportingOverflow(by: 10)
            let (sum, above) = tens.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !over, !above else { return nil }
            number = sum
        }
        return number
    }

    /// Puts the row on the tape, when it is about one of the tape's symbols.
    func append(
        as kind: MarketKind, spanning timeframe: Int64, to tape: inout MarketTape
    ) throws(Problem) -> Bool {
        guard let symbol = namesSymbol ? symbol : tape.symbols.count == 1 ? 0 : nil else {
            guard namesSymbol else { throw Problem(text: "it names no symbol, and the run has several") }
            return false
        }
        guard let time else { throw Problem(text: "time is missing") }
        let item: MarketTape.Item
        switch kind {
        case .bars: item = .bar(try bar(from: time, timeframe))
        case .quotes:
            item = .quote(
                Quote(
                    bid: try need(.bid), ask: try need(.ask), bidSize: amounts[MarketField.bidSize.rawValue],
                    askSize: amounts[MarketField.askSize.rawValue], time: time))
        }
        do { try tape.append(item, of: symbol) } catch {
            switch error {
            case .full(let limit): throw Problem(text: "the run has more than \(limit) bars and quotes")
            case .unsound:
                throw Problem(
                    text: "no market was ever so: \(kind == .bars ? "the bar" : "the quote")"
                        + " has a price that is zero, negative or outside its bounds")
            case .unknownSymbol: return false
            }
        }
        return true
    }

    private func bar(from opened: Timestamp, _ timeframe: Int64) throws(Problem) -> Bar {
        let (closed, overflow) = opened.nanoseconds.addingReportingOverflow(timeframe)
        guard !overflow else { throw Problem(text: "time: the bar ends out of range") }
        return Bar(
            opened: opened, closed: Timestamp(nanoseconds: closed), open: try need(.open), high: try need(.high),
            low: try need(.low), close: try need(.close), volume: try need(.volume))
    }

    private func need(_ field: MarketField) throws(Problem) -> Amount {
        guard let amount = amounts[field.rawValue] else { throw Problem(text: "\(field) is missing") }
        return amount
    }
}
