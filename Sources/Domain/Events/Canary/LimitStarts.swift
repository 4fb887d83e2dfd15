public import Core

/// From when on each limit counts, where that is later than its window begins.
///
/// An operator who ends an incident makes what was before count for nothing, and only for the limit it was about.
public struct LimitStarts: FieldRecord, Hashable {
    public var fallbackRatio: Timestamp?
    public var errorRate: Timestamp?
    public var parity: Timestamp?
    public var slippage: Timestamp?

    @inlinable
    public init() {}

    @inlinable
    public init(unread: Unread) {}

    public var isEmpty: Bool { self == LimitStarts() }

    public subscript(breach: BreachType) -> Timestamp? {
        get {
            switch breach {
            case .fallbackRatioExceeded: fallbackRatio
            case .errorRateExceeded: errorRate
            case .parityMismatch: parity
            case .slippageExceeded: slippage
            case .notionalMismatch, .runnerHealthStale: nil
            }
        }
        set {
            switch breach {
            case .fallbackRatioExceeded: fallbackRatio = newValue
            case .errorRateExceeded: errorRate = newValue
            case .parityMismatch: parity = newValue
            case .slippageExceeded: slippage = newValue
            case .notionalMismatch, .runnerHealthStale: break
            }
        }
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("fallback_ratio", &fallbackRatio, "Fallbacks count from here on.")
        try fields.field("error_rate", &errorRate, "Failures count from here on.")
        try fields.field("parity", &parity, "Shadows count from here on.")
        try fields.field("slippage", &slippage, "Fills count from here on.")
    }
}
