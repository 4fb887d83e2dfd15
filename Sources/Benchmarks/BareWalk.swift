import JSON

/// The floor of decoding: simdjson parses, and then a walk visits every field and takes its value.
///
/// Ids, amounts, moments and words are copied as bytes to a fixed place, unread. What an event keeps as text becomes a
/// string here too; which texts those are is found out beforehand. Keys are passed over without a comparison.
struct BareWalk {
    private let texts: [[UInt8]]
    /// For each text of the document, in its order: whether it becomes a string.
    private let kept: [Bool]

    init(over sample: WordSamples) throws {
        texts = sample.texts
        var parser = JSONParser()
        var kept: [Bool] = []
        for text in texts {
            var these: [Bool] = []
            Self.list(try parser.parse(text), "", sample.keptFields, &these)
            precondition(kept.isEmpty || kept == these, "the events of one sample have the same fields")
            kept = these
        }
        self.kept = kept
    }

    private static func list(_ value: JSONValue, _ name: String, _ fields: Set<String>, _ kept: inout [Bool]) {
        if var inner = value.fields() {
            while let field = inner.next() { list(field.value, field.name, fields, &kept) }
        } else if var elements = value.elements() {
            while let element = elements.next() { list(element, name, fields, &kept) }
        } else if value.isOf(.string) {
            kept.append(fields.contains(name))
        }
    }

    func run(_ rounds: Int) throws -> Duration {
        var parser = JSONParser()
        var walk = State(kept: kept)
        let took = try ContinuousClock().measure {
            for round in 0..<rounds {
                walk.next = 0
                walk.visit(try parser.parse(texts[round & (WordSamples.count - 1)]))
            }
        }
        precondition(walk.sum > rounds, "every field was seen")
        return took
    }

    private struct State {
        let kept: [Bool]
        var next = 0
        var place = [UInt8](repeating: 0, count: 256)
        var sum = 0

        mutating func visit(_ value: JSONValue) {
            if var fields = value.fields() {
                while let field = fields.next() { visit(field.value) }
            } else if var elements = value.elements() {
                while let element = elements.next() { visit(element) }
            } else if let text = value.utf8 {
                if kept[next], let string = value.string { sum &+= string.utf8.count } else { copy(text) }
                next += 1
            } else if let integer = value.int64 {
                sum &+= Int(truncatingIfNeeded: integer)
            }
        }

        private mutating func copy(_ text: RawSpan) {
            let count = min(text.byteCount, place.count)
            // Safe: no more is copied than there is room for.
            unsafe text.withUnsafeBytes { from in
                unsafe place.withUnsafeMutableBytes { into in
                    unsafe into.copyMemory(from: UnsafeRawBufferPointer(rebasing: from[..<count]))
                }
            }
            sum &+= count
        }
    }
}
