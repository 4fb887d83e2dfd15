/// The smallest difference between two quantities that may be ordered.
extension Amount {
    public struct Step: Hashable, Sendable {
        public let size: Amount

        /// `nil` unless the size is above zero.
        public init?(_ size: Amount) {
            guard size > .zero else { return nil }
            self.size = size
        }

        private init(units: Int128) { size = Amount(units: units) }

        /// Whole shares.
        public static let equity = Step(units: 1_000_000_000)
        /// Shares that may be split: 0.0001.
        public static let fractional = Step(units: 100_000)
        /// Coins: 0.00000001.
        public static let crypto = Step(units: 10)
    }

    /// The nearest multiple of the step towards zero: an order never grows by rounding, whichever its side.
    public func rounded(downTo step: Step) -> Amount { Amount(units: units - units % step.size.units) }

    public func isMultiple(of step: Step) -> Bool { units % step.size.units == 0 }
}
