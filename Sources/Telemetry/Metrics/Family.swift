internal import Synchronization

/// All series of one instrument: one member for each set of label values.
///
/// A caller on a hot path keeps the member it was given. Values from outside (a symbol, an account) could make
/// series without end; beyond the limit they share one, which says `overflow="true"` and nothing else.
public final class Family<Member: Sendable>: Sendable {
    private struct State {
        var members: [[String]: Member] = [:]
        var overflow: Member?
    }

    let declaration: MetricDeclaration
    private let maximumSeries: Int
    private let make: @Sendable () -> Member
    private let write: @Sendable (Member, Series, inout MetricsText) -> Void
    private let state = Mutex(State())

    init(
        _ declaration: MetricDeclaration, maximumSeries: Int, make: @escaping @Sendable () -> Member,
        write: @escaping @Sendable (Member, Series, inout MetricsText) -> Void
    ) {
        self.declaration = declaration
        self.maximumSeries = maximumSeries
        self.make = make
        self.write = write
    }

    /// The series with these label values, in the order the labels were declared.
    public func labelled(_ values: String...) -> Member { member(values) }

    /// Ends a series, so that it does not report for ever what is no longer true here.
    public func remove(_ values: String...) {
        let key = values.map(MetricLimits.bounded)
        state.withLock { _ = $0.members.removeValue(forKey: key) }
    }

    func member(_ values: [String]) -> Member {
        guard values.count == declaration.labels.count else {
            fatalError("\(declaration.name) has labels \(declaration.labels), and was given \(values.count) values")
        }
        let key = values.map(MetricLimits.bounded)
        return state.withLock { state in
            if let member = state.members[key] { return member }
            if state.members.count < maximumSeries {
                let member = make()
                state.members[key] = member
                return member
            }
            let member = state.overflow ?? make()
            state.overflow = member
            return member
        }
    }
}

extension Family: AnyFamily {
    /// Series in the order of their label values: two scrapes of the same state are the same text.
    func write(to text: inout MetricsText) {
        let (members, overflow) = state.withLock { ($0.members, $0.overflow) }
        guard !members.isEmpty || overflow != nil else { return }
        text.heading(declaration)
        let ordered = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (values, member) in ordered {
            write(member, Series(declaration.name, Array(zip(declaration.labels, values))), &text)
        }
        if let overflow {
            write(overflow, Series(declaration.name, [(MetricDeclaration.overflowLabel, "true")]), &text)
        }
    }
}

/// A family whose members' type the registry need not know.
protocol AnyFamily: AnyObject, Sendable {
    var declaration: MetricDeclaration { get }
    func write(to text: inout MetricsText)
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
