internal import Core

/// The numbers behind reasons, as one flat JSON object.
///
/// Names and texts are ours or plain, so nothing needs an escape.
struct Evidence {
    private var text: [UInt8] = []

    var isEmpty: Bool { text.isEmpty }

    mutating func add(_ name: StaticString, _ amount: Amount?) {
        guard let amount else { return }
        add(name, plain: "\"\(amount)\"")
    }

    mutating func add(_ name: StaticString, _ moment: Timestamp?) {
        guard let moment else { return }
        add(name, plain: "\"\(moment)\"")
    }

    mutating func add(_ name: StaticString, _ word: (some Word)?) {
        guard let word else { return }
        add(name, plain: "\"\(word.rawValue)\"")
    }

    mutating func add(_ name: StaticString, _ code: StaticString) { add(name, plain: "\"\(code)\"") }

    mutating func add(_ name: StaticString, _ truth: Bool) { add(name, plain: "\(truth)") }

    mutating func add(_ name: StaticString, count: Int) { add(name, plain: "\(count)") }

    private mutating func add(_ name: StaticString, plain value: String) {
        text.append(contentsOf: (text.isEmpty ? "{\"" : ",\"").utf8)
        text.append(contentsOf: "\(name)\":\(value)".utf8)
    }

    var json: CompactJSON? {
        guard !text.isEmpty else { return nil }
        return CompactJSON(trusted: text + [UInt8(ascii: "}")])
    }
}
