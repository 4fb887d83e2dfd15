internal import Digest

/// The sum of the hashes of all rows of one projection's partition, modulo 2^128.
///
/// A sum and not an exclusive or: two equal rows must not cancel. It depends on the rows alone, in whatever order they
/// were written, so a rebuild that reaches the same root has the same rows.
public struct StateRoot: Hashable, Sendable {
    public private(set) var sum: UInt128

    public init(sum: UInt128 = 0) { self.sum = sum }

    mutating func add(_ row: UInt128) { sum &+= row }
    mutating func remove(_ row: UInt128) { sum &-= row }
    mutating func add(_ other: StateRoot) { sum &+= other.sum }

    /// The hash of a row as it is stored: the tuple of its fields in Postgres' binary form.
    static func hash(_ tuple: RawSpan, seed: UInt64) -> UInt128 { XXH3.hash128(tuple, seed: seed) }
}

extension StateRoot: CustomStringConvertible {
    public var description: String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    public init?(_ text: String) {
        guard text.utf8.count == 32, let sum = UInt128(text, radix: 16) else { return nil }
        self.init(sum: sum)
    }
}
