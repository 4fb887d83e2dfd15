internal import Core
internal import Domain

/// One row as psql shows it: the text of each column, or `nil` for null.
struct NaiveRow {
    private(set) var columns: [String: String?] = [:]

    mutating func set(_ name: String, text: String?) { columns.updateValue(text, forKey: name) }

    /// A word, a name, a hash, an id, an amount: their one text is also what Postgres shows.
    mutating func set(_ name: String, _ value: (some FieldText)?) { set(name, text: value.map(shown)) }

    mutating func set(_ name: String, _ value: Instant?) { set(name, text: value?.shown) }

    mutating func set(_ name: String, _ value: Timestamp?) { set(name, value.map { Instant($0) }) }

    mutating func set(_ name: String, _ value: (some BinaryInteger)?) { set(name, text: value.map { "\($0)" }) }

    mutating func set(_ name: String, _ value: Bool?) { set(name, text: value.map { $0 ? "t" : "f" }) }

    mutating func set(_ name: String, _ value: CompactJSON?) { set(name, text: value?.description) }

    mutating func set(_ name: String, _ value: Octets?) { set(name, bytes: value?.bytes) }

    mutating func set(_ name: String, bytes: [UInt8]?) {
        set(name, text: bytes.map { "\\x" + $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() })
    }

    mutating func set(nulls names: String...) { for name in names { set(name, text: nil) } }

    /// `created_at` and `updated_at`: the earliest and the latest of these.
    mutating func set(times: [Instant]) {
        set("created_at", times.min())
        set("updated_at", times.max())
    }
}

/// The one text of a value.
func shown(_ value: some FieldText) -> String {
    var text: [UInt8] = []
    value.append(to: &text)
    return String(decoding: text, as: UTF8.self)
}
