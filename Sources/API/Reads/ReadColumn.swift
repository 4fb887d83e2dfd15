internal import Core
internal import JSON
internal import Postgres

/// A column of an answer: what it is called, where it comes from, and how it is written.
public struct ReadColumn: Sendable {
    public enum Kind: Sendable { case text, uuid, integer, boolean, decimal, timestamp, json }

    public let name: String
    public let kind: Kind
    /// The expression over the row, when it is not the column of that name.
    public let sql: String

    public init(_ name: String, _ kind: Kind = .text, sql: String? = nil) {
        self.name = name
        self.kind = kind
        self.sql = sql ?? "row.\(name)"
    }

    /// Money stays exact: a decimal travels as text, and is written as text.
    var selected: String {
        switch kind {
        case .decimal: "(\(sql))::text AS \(name)"
        case .text, .uuid, .integer, .boolean, .timestamp, .json: "\(sql) AS \(name)"
        }
    }

    var shape: Shape {
        switch kind {
        case .text: .any
        case .uuid: .uuid
        case .integer: .integer(.min ... .max)
        case .boolean: .boolean
        case .decimal: .decimal
        case .timestamp: .timestamp
        case .json: .any
        }
    }

    var field: Shape.Field {
        switch kind {
        case .text: Shape.Field(name, .any)
        case .json: Shape.Field(name, .any)
        case .uuid, .integer, .boolean, .decimal, .timestamp: Shape.Field(name, .nullable(shape))
        }
    }

    func write(_ rows: Rows, _ row: Int, _ column: Int, to json: inout JSONWriter) {
        guard let bytes = rows.bytes(row, column) else { return json.null() }
        switch kind {
        case .text, .decimal: json.string(utf8: bytes)
        case .json: json.raw(bytes)
        case .uuid: json.string(RowText.uuid(bytes))
        case .integer: json.integer(rows.integer(row, column) ?? 0)
        case .boolean: json.bool(rows.bool(row, column) ?? false)
        case .timestamp: json.string(RowText.time(bytes))
        }
    }
}

/// Postgres' binary forms as text.
enum RowText {
    /// 2000-01-01T00:00:00Z, where Postgres counts from.
    static let epoch: Int64 = 946_684_800_000_000

    static func time(_ bytes: RawSpan) -> String {
        let micros = bytes.bigEndian(at: 0, as: Int64.self)
        guard let timestamp = timestamp(micros: micros + epoch) else { return "infinity" }
        return "\(timestamp)"
    }

    static func timestamp(micros: Int64) -> Timestamp? {
        let (nanoseconds, overflow) = micros.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : Timestamp(nanoseconds: nanoseconds)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    static func uuid(_ bytes: RawSpan) -> String {
        precondition(bytes.byteCount == 16, "a uuid has 16 bytes")
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
            let byte = bytes.bigEndian(at: index, as: UInt8.self)
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Parameters {
    /// A moment as Postgres stores one: whole microseconds, rounded down.
    mutating func append(_ time: Timestamp) {
        let (quotient, remainder) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        append(micros: quotient - (remainder < 0 ? 1 : 0))
    }

    /// Microseconds since 1970.
    mutating func append(micros: Int64) {
        let number = UInt64(bitPattern: micros &- RowText.epoch)
        append(
            (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }, as: .timestamptz)
    }
}
