internal import Core

/// The population standard deviation of the last 60 logarithmic returns between bars.
///
/// Returns are kept at twelve digits and summed exactly, so a return that leaves the window takes with it just what it
/// brought.
struct RealizedVolatility: Sendable {
    static let window = 60

    private var returns: [Int128] = []
    private var next = 0
    private var sum: Int128 = 0
    private var squares: Int128 = 0

    mutating func add(from before: Int128, to now: Int128) {
        let step = Logarithm.ofRatio(now, over: before)
        if returns.count < Self.window {
            returns.append(step)
        } else {
            sum -= returns[next]
            squares -= returns[next] * returns[next]
            returns[next] = step
            next = (next + 1) % Self.window
        }
        sum += step
        squares += step * step
    }

    /// `nil` before there are two returns.
    var value: Amount? {
        let count = Int128(returns.count)
        guard count >= 2 else { return nil }
        // n·Σx² − (Σx)², over n²: exact until the root.
        let spread = count * squares - sum * sum
        let root = Self.root(of: spread.magnitude)
        return Amount(units: HalfEven.quotient(Int128(root), count * 1_000))
    }

    /// The whole part of the square root.
    static func root(of number: UInt128) -> UInt128 {
        guard number > 1 else { return number }
        // Begins above the root and falls until it no longer does.
        var guess: UInt128 = 1 << ((128 - UInt128(number.leadingZeroBitCount) + 1) / 2)
        while true {
            let next = (guess + number / guess) / 2
            if next >= guess { return guess }
            guess = next
        }
    }
}
