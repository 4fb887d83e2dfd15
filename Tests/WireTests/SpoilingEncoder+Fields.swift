import Core
import Domain

extension SpoilingEncoder {
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        let text = Self.quoted(value)
        field(name, isRequired: true, wrongTexts: WrongTexts.of(Value.form)) { $0.append(text) }
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        let text = value.map { Self.quoted($0) } ?? "null"
        field(name, isRequired: false, wrongTexts: WrongTexts.of(Value.form)) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) {
        let text = String(value)
        field(name, isRequired: true, wrongTexts: WrongTexts.integer) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        let text = value.map { String($0) } ?? "null"
        field(name, isRequired: false, wrongTexts: WrongTexts.integer) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) {
        let text = String(value)
        field(name, isRequired: true, wrongTexts: WrongTexts.bool) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        let text = value.map { String($0) } ?? "null"
        field(name, isRequired: false, wrongTexts: WrongTexts.bool) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {
        let text = value.description
        field(name, isRequired: true, wrongTexts: [#"{"a":1,"a":2}"#, #"[{"b":{"a":1,"a":1}}]"#]) { $0.append(text) }
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        let text = value?.description ?? "null"
        field(name, isRequired: false, wrongTexts: [#"{"a":1,"a":2}"#]) { $0.append(text) }
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        let copy = value
        field(name, isRequired: true, wrongTexts: WrongTexts.object) { $0.record(copy) }
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        let copy = value
        field(name, isRequired: false, wrongTexts: WrongTexts.object) { encoder in
            if let copy { encoder.record(copy) } else { encoder.append("null") }
        }
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        let elements = values.map { Self.quoted($0) }
        field(name, isRequired: true, wrongTexts: WrongTexts.list(of: elements.first ?? #""x""#, counts)) {
            $0.append("[" + elements.joined(separator: ",") + "]")
        }
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        let copy = values
        let tooFew = counts.lowerBound > 0 ? ["[]"] : []
        field(name, isRequired: true, wrongTexts: WrongTexts.array + tooFew) { $0.records(copy) }
    }

    mutating func record(_ record: some FieldRecord) {
        object { encoder in
            var record = record
            record.walk(&encoder)
        }
    }
}
