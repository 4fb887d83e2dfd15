public import Core

/// What a log line may say of something.
///
/// There is no case for bytes, on purpose.
public enum LogField: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    /// In seconds, exact to the nanosecond.
    case duration(Duration)
    /// As RFC 3339 text.
    case timestamp(Timestamp)
    /// As decimal text, like every amount on the wire.
    case amount(Amount)

    public static func integer(_ value: Int) -> LogField { .integer(Int64(value)) }

    /// What an error says of itself; our errors carry no payloads.
    public static func failure(_ error: any Error) -> LogField { .text(String(describing: error)) }

    /// That there is a secret, and nothing of it.
    public static func secret<Value>(_ secret: Secret<Value>) -> LogField { .text(secret.description) }
}

extension LogField: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}
