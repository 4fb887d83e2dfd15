public import Core

/// A run of strategies and scripted orders over a tape: the same plan gives the same result to the last digit.
public struct Replay: Sendable {
    public enum Stop: Error, Sendable, Equatable {
        /// A number left the range of an amount: the data or the configuration are out of this world.
        case arithmetic(Amount.ArithmeticFault, at: Timestamp)
        /// The fills are kept in memory: a plan that is filled without end is stopped before it is full.
        case tooManyFills(limit: Int, at: Timestamp)
        /// Whoever watches said so.
        case canceled
    }

    /// After how many items of the tape whoever watches is asked.
    public static let watchedEvery = 4_096

    public let tape: MarketTape
    public let settings: ReplaySettings
    public let strategies: [Strategy]
    public let script: [ScriptedOrder]

    /// The tape is arranged; the script may be in any order.
    public init(over tape: MarketTape, _ settings: ReplaySettings, strategies: [Strategy], script: [ScriptedOrder]) {
        var tape = tape
        tape.arrange()
        self.tape = tape
        self.settings = settings
        self.strategies = strategies
        self.script = script.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Runs to the end, asking from time to time with the number of items done whether to go on.
    public func run(watching goesOn: (Int) -> Bool = { _ in true }) throws(Stop) -> ReplayResult {
        var state = ReplayState(self)
        var done = 0
        for entry in tape.entries {
            do { try state.take(entry) } catch { throw .arithmetic(error, at: entry.item.time) }
            guard state.result.fills.count <= settings.maximumFills else {
                throw .tooManyFills(limit: settings.maximumFills, at: entry.item.time)
            }
            done += 1
            if done % Self.watchedEvery == 0, !goesOn(done) { throw .canceled }
        }
        do { return try state.finish() } catch { throw .arithmetic(error, at: tape.entries.last?.item.time ?? .epoch) }
    }
}
