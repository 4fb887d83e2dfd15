import Core
import Domain
import TestSupport

/// Fills any record with values from a seed: the walk gives it every field.
struct ValueGenerator: FieldWalker, PayloadSource {
    typealias Failure = Never

    var random: SplitMix64
    /// Whether optional fields are never left out.
    var alwaysPresent = false

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func payload<Content: Payload>() -> Content { Content.filled(by: &self) }

    mutating func event(_ type: EventType) -> Event {
        var envelope = Envelope.filled(by: &self)
        if type.family.needsAccount, envelope.account == nil { envelope.account = text(AccountLabel.self) }
        if type.family.needsSymbol, envelope.symbol == nil { envelope.symbol = text(Symbol.self) }
        return Event(envelope, DomainEvent.read(type, from: &self))
    }

    /// A value of the type's own form, read as any text from outside is.
    mutating func text<Value: FieldText>(_ type: Value.Type) -> Value {
        var bytes = sample(Value.form)
        if Value.self == Scope.self { bytes = scope() }
        do { return try unsafe Value.read(bytes.span.bytes) } catch {
            preconditionFailure("\(Value.self) refuses '\(String(decoding: bytes, as: UTF8.self))': \(error)")
        }
    }

    private mutating func sample(_ form: TextForm) -> [UInt8] {
        var bytes: [UInt8] = []
        switch form {
        case .decimal: Amount(units: integer128()).append(to: &bytes)
        case .time: Timestamp(nanoseconds: Int64(bitPattern: random.next())).append(to: &bytes)
        case .uuid: EventID(high: random.next(), low: random.next()).append(to: &bytes)
        case .hexadecimal(let digits):
            bytes = (0..<digits).map { _ in Array("0123456789abcdef".utf8)[Int(random.next() % 16)] }
        case .base64(let most):
            let octets = (0..<Int(random.next() % UInt64(min(most, 40)))).map { _ in UInt8(random.next() % 256) }
            do { try Octets(octets).append(to: &bytes) } catch { preconditionFailure("\(error)") }
        case .name(let most): bytes = prose(most: most, controls: false)
        case .prose(let most): bytes = prose(most: most, controls: true)
        case .pattern(_, let example): bytes = Array(example.utf8)
        case .words(let words): bytes = Array(words[Int(random.next() % UInt64(words.count))].word.utf8)
        }
        return bytes
    }

    private mutating func scope() -> [UInt8] {
        let kinds: [Scope] = [
            .global, .lane(text(Lane.self)), .adapter(text(Adapter.self)), .symbol(text(Symbol.self)),
            .intent(text(IntentID.self)), .strategy(text(StrategyID.self)),
            .record(Cause(topic: "torghut.route.v1", partition: 3, offset: Int64(random.next() >> 1))),
        ]
        var bytes: [UInt8] = []
        kinds[Int(random.next() % UInt64(kinds.count))].append(to: &bytes)
        return bytes
    }

    /// Mostly everyday values, sometimes any of the whole range.
    private mutating func integer128() -> Int128 {
        switch random.next() % 4 {
        case 0: Int128(truncatingIfNeeded: UInt128(random.next()) << 64 | UInt128(random.next()))
        case 1: Int128(random.next() % 1_000) * Amount.unitsPerOne
        default: Int128(Int64(bitPattern: random.next()) >> 16)
        }
    }

    private mutating func integer64() -> Int64 {
        random.next() % 4 == 0 ? Int64(bitPattern: random.next()) : Int64(random.next() % 1_000_000)
    }

    private mutating func prose(most: Int, controls: Bool) -> [UInt8] {
        let pieces =
            ["a", "B", "7", " ", "\"", "\\", "/", "é", "€", "😀", "-", "_", ":"]
            + (controls ? ["\n", "\t", "\u{1}"] : [])
        var text = "x"
        for _ in 0..<random.next() % 60 {
            let piece = pieces[Int(random.next() % UInt64(pieces.count))]
            if text.utf8.count + piece.utf8.count <= most { text += piece }
        }
        return Array(text.utf8)
    }

    private mutating func json() -> CompactJSON {
        let texts = [
            "{}", "[]", #""text""#, "1.50", "true", "null", #"{"b":1,"a":[1e3,-0.0,"\u00e9"],"c":{"d":null}}"#,
        ]
        // A field that is null is absent, so an optional one cannot hold null.
        let text = texts[Int(random.next() % UInt64(texts.count))]
        return CompactJSON(trusted: Array((text == "null" ? "{}" : text).utf8))
    }

    private mutating func isPresent() -> Bool { alwaysPresent || random.next() % 3 != 0 }
}

extension ValueGenerator {
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        value = text(Value.self)
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        value = isPresent() ? text(Value.self) : nil
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) { value = integer64() }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        value = isPresent() ? integer64() : nil
    }

    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) {
        value = random.next() % 2 == 0
    }

    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        value = isPresent() ? random.next() % 2 == 0 : nil
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) { value = json() }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        value = isPresent() ? json() : nil
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        value = Record.filled(by: &self)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        value = isPresent() ? Record.filled(by: &self) : nil
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        values = (0..<count(counts)).map { _ in text(Value.self) }
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        values = (0..<count(counts)).map { _ in Record.filled(by: &self) }
    }

    private mutating func count(_ counts: ClosedRange<Int>) -> Int {
        let extra = Int(random.next() % 4)
        return min(counts.lowerBound + (alwaysPresent ? 1 : extra), counts.upperBound)
    }
}
