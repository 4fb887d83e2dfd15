internal import Synchronization

/// All series of one instrument: one member for each set of label values.
///
/// A caller on a hot path keeps the member it was given. Values from outside (a symbol, an account) could make
/// series without end; beyond the limit they share one, which says `overflow="true"` and nothing else.
public final class Family<Member: Sendable>: Sendable {
    private struct State {
        var members: [[String]: Entry] = [:]
        var overflow: Member?
        /// By label values; `nil` after a change, until the next scrape asks.
        var ordered: [Entry]?
    }

    /// A member with its labels as they are written: a scrape has nothing to put together.
    private struct Entry {
        let values: [String]
        let series: Series
        let member: Member
    }

    let declaration: MetricDeclaration
    private let maximumSeries: Int
    private let make: @Sendable () -> Member
    private let write: @Sendable (Member, Series, inout MetricsText) -> Void
    private let writeOriginal: @Sendable (Member, Series, OriginalName, inout MetricsText) -> Void
    private let state = Mutex(State())

    init(
        _ declaration: MetricDeclaration, maximumSeries: Int, make: @escaping @Sendable () -> Member,
        write: @escaping @Sendable (Member, Series, inout MetricsText) -> Void,
        writeOriginal: @escaping @Sendable (Member, Series, OriginalName, inout MetricsText) -> Void
    ) {
        self.declaration = declaration
        self.maximumSeries = maximumSeries
        self.make = make
        self.write = write
        self.writeOriginal = writeOriginal
    }

    /// The series with these label values, in the order the labels were declared.
    public func labelled(_ values: String...) -> Member { member(values) }

    /// Ends a series, so that it does not report for ever what is no longer true here.
    public func remove(_ values: String...) {
        let key = values.map(MetricLimits.bounded)
        state.withLock { state in
            guard state.members.removeValue(forKey: key) != nil else { return }
            state.ordered = nil
        }
    }

    /// Ends every series: whoever measured them does not any more.
    public func removeAll() { state.withLock { $0 = State() } }

    /// How many series there are, the overflow included.
    public var count: Int { state.withLock { $0.members.count + ($0.overflow == nil ? 0 : 1) } }

    func member(_ values: [String]) -> Member {
        guard values.count == declaration.labels.count else {
            fatalError("\(declaration.name) has labels \(declaration.labels), and was given \(values.count) values")
        }
        let key = values.map(MetricLimits.bounded)
        return state.withLock { state in
            if let entry = state.members[key] { return entry.member }
            if state.members.count < maximumSeries {
                let series = Series(declaration.name, Array(zip(declaration.labels, key)))
                let entry = Entry(values: key, series: series, member: make())
                state.members[key] = entry
                state.ordered = nil
                return entry.member
            }
            let member = state.overflow ?? make()
            state.overflow = member
            return member
        }
    }
}

extension Family: AnyFamily {
    /// Series in the order of their label values: two scrapes of the same state are the same text.
    ///
    /// A family without series says that it is there, so that a scrape tells what this program measures.
    func write(to text: inout MetricsText) {
        text.heading(declaration.name, declaration.kind, declaration.help)
        for (member, series) in members { write(member, series, &text) }
    }

    /// The same under the name that the original had for it, if it had one.
    func writeOriginal(to text: inout MetricsText) {
        guard let original = declaration.original else { return }
        text.heading(original.name, declaration.kind, original.help)
        for (member, series) in members {
            writeOriginal(member, Series(original.name, labels: series.labels), original, &text)
        }
    }

    private var members: [(Member, Series)] {
        let (entries, overflow) = state.withLock { state in
            let ordered =
                state.ordered ?? state.members.values.sorted { $0.values.lexicographicallyPrecedes($1.values) }
            state.ordered = ordered
            return (ordered, state.overflow)
        }
        let last = overflow.map { ($0, Series(declaration.name, [(MetricDeclaration.overflowLabel, "true")])) }
        return entries.map { ($0.member, $0.series) } + [last].compactMap(\.self)
    }
}

/// A family whose members' type the registry need not know.
protocol AnyFamily: AnyObject, Sendable {
    var declaration: MetricDeclaration { get }
    func write(to text: inout MetricsText)
    func writeOriginal(to text: inout MetricsText)
}

/// How much the metrics of one process may grow.
public enum MetricLimits {
    /// Series of one instrument, unless its registry says otherwise.
    public static let maximumSeries = 1_000
    /// A longer label value is cut here, at the end of a character's code.
    public static let maximumLabelBytes = 128

    static func bounded(_ value: String) -> String {
        guard value.utf8.count > maximumLabelBytes else { return value }
        var scalars = String.UnicodeScalarView()
        var bytes = 0
        for scalar in value.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > maximumLabelBytes { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
