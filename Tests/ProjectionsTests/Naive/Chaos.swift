import Core
import Domain
import TestSupport

/// Events with every field filled from a seed, and few names: so that nearly every event is about something that
/// others told of, in ways no orderly story tells.
struct Chaos: FieldWalker, PayloadSource {
    typealias Failure = Never

    var random: SplitMix64
    private let families: [EventFamily]

    init(seed: UInt64, families: [EventFamily]) {
        random = SplitMix64(seed: seed)
        self.families = families
    }

    mutating func payload<Content: Payload>() -> Content { Content.filled(by: &self) }

    mutating func next() -> Event {
        let types = families[below(families.count)].types
        let type = types[below(types.count)]
        let time = moment()
        var envelope = Envelope(
            eventID: EventID(high: random.next(), low: random.next()), eventTime: time, ingestTime: time,
            source: name("chaos"), correlation: StoryID(high: 1, low: 1))
        if type.family.needsAccount { envelope.account = name(pick("paper", "live")) }
        if type.family.needsSymbol { envelope.symbol = name(pick("AAPL", "BTC/USD")) }
        return Event(envelope, DomainEvent.read(type, from: &self))
    }

    mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private mutating func pick(_ texts: String...) -> String { texts[below(texts.count)] }

    private func name<Kind: IdentifierKind>(_ text: String) -> Identifier<Kind> { Identifier(trusted: text) }

    /// Often the same, so that ties are broken by what comes next.
    private mutating func moment() -> Timestamp {
        Timestamp(nanoseconds: 1_770_000_000_000_000_000 + Int64(below(40)) * 1_000_000_500)
    }

    private mutating func amount() -> Amount {
        switch below(12) {
        case 0: 0
        case 1: Amount(units: -Int128(below(5_000_000)))
        case 2: Amount(units: Int128(random.next()) << Int128(below(62)))
        case 3: Amount(units: Int128(below(9) + 1))
        default: Amount(units: Int128(below(400)) * 250_000_000)
        }
    }

    /// The value of a field: of small sets for names that tie events together.
    private mutating func value<Value: FieldText>(_ field: StaticString, _ type: Value.Type) -> Value {
        let hash = String(repeating: "ab", count: 31) + pick("01", "02")
        let text =
            switch ("\(field)", Value.form) {
            case ("client_order_id", _), ("new_client_order_id", _), ("replaces_client_order_id", _):
                pick("c1", "c2", "c3", hash, hash + "-r1", hash + "-rx", "e\u{301}", "é")
            case ("alpaca_order_id", _), ("new_alpaca_order_id", _), ("replaces", _), ("replaced_by", _):
                pick("b1", "b2", "b3", "b4")
            case ("execution_id", _): pick("e1", "e2", "e3", "e4", "e5")
            case ("decision_hash", _): hash
            case ("status", .name), ("event_type", .name):
                pick(
                    "new", "fill", "partial_fill", "canceled", "cancelled", "trade_bust", "trade_correct", "replaced",
                    "filled", "expired", "partially_filled", "odd", "rejected", "pending_new")
            case ("projection", _): pick("executions", "trade_decisions", "quarantine")
            case ("source_topic", _): "torghut.route.v1"
            // A record has one key, whoever speaks of it: it could not lie at one place else.
            case ("record_key", _): "YQ=="
            case (_, .decimal): "\(amount())"
            case (_, .time): "\(moment())"
            case (_, .uuid): "\(EventID(high: 7, low: UInt64(below(3))))"
            case (_, .hexadecimal(let digits)): String(repeating: pick("a", "b"), count: digits)
            case (_, .base64): pick("", "YQ==", "YWI=")
            case (_, .name), (_, .prose): pick("x", "y \"quoted\" \\", "zé")
            case (_, .pattern(_, let example)): example
            case (_, .words(let words)): words[below(words.count)].word
            }
        do { return try unsafe Value.read(text.utf8.span.bytes) } catch {
            preconditionFailure("\(Value.self) refuses '\(text)': \(error)")
        }
    }

    private mutating func json() -> CompactJSON {
        CompactJSON(trusted: Array(pick("{}", "[1.50,null]", #"{"b":1,"a":"\u00e9"}"#).utf8))
    }

    private mutating func isPresent(_ field: StaticString) -> Bool { "\(field)" == "record_key" || below(3) != 0 }
}

extension Chaos {
    mutating func field<Value: FieldText>(_ name: StaticString, _ place: inout Value, _ note: FieldNote) {
        place = value(name, Value.self)
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ place: inout Value?, _ note: FieldNote) {
        place = isPresent(name) ? value(name, Value.self) : nil
    }

    mutating func field(_ name: StaticString, _ place: inout Int64, _ note: FieldNote) { place = Int64(below(4)) }

    mutating func field(_ name: StaticString, _ place: inout Int64?, _ note: FieldNote) {
        place = isPresent(name) ? Int64(below(4)) : nil
    }

    mutating func field(_ name: StaticString, _ place: inout Bool, _ note: FieldNote) { place = below(2) == 0 }

    mutating func field(_ name: StaticString, _ place: inout Bool?, _ note: FieldNote) {
        place = isPresent(name) ? below(2) == 0 : nil
    }

    mutating func field(_ name: StaticString, _ place: inout CompactJSON, _ note: FieldNote) { place = json() }

    mutating func field(_ name: StaticString, _ place: inout CompactJSON?, _ note: FieldNote) {
        place = isPresent(name) ? json() : nil
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ place: inout Record, _ note: FieldNote) {
        place = Record.filled(by: &self)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ place: inout Record?, _ note: FieldNote) {
        place = isPresent(name) ? Record.filled(by: &self) : nil
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        values = (0..<min(counts.lowerBound + below(3), counts.upperBound)).map { _ in value(name, Value.self) }
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        values = (0..<min(counts.lowerBound + below(3), counts.upperBound)).map { _ in Record.filled(by: &self) }
    }
}
