public import Core

/// A time as a `timestamptz` keeps it: whole microseconds.
///
/// A fold turns an event's time into one before it compares or stores it, so that memory and table agree.
public struct Moment: Hashable, Sendable, Comparable, ColumnValue {
    /// Since 1970.
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init(_ time: Timestamp) {
        let (quotient, remainder) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        microseconds = remainder < 0 ? quotient - 1 : quotient
    }

    /// The first nanosecond of it; outside what a timestamp can say, the nearest that can be said.
    public var timestamp: Timestamp {
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? (microseconds < 0 ? .earliest : .latest) : Timestamp(nanoseconds: nanoseconds)
    }

    public static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    /// What the microseconds leave out, 0 to 999.
    public static func nanoseconds(of time: Timestamp) -> Int32 {
        let rest = time.nanoseconds % 1_000
        return Int32(rest < 0 ? rest + 1_000 : rest)
    }

    /// Postgres counts from the year 2000.
    @usableFromInline static var epoch: Int64 { 946_684_800_000_000 }

    public static var columnType: ColumnType { .timestamptz }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(8 as Int32)
        row.appendBig(microseconds - Self.epoch)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Moment {
        guard let field else { throw .size(nil, wanted: "a time") }
        return Moment(microseconds: try field.bigEndian(Int64.self) &+ epoch)
    }
}
