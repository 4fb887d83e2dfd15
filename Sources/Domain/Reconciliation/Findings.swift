internal import Core

/// What is to be said after a comparison.
public struct Findings: Sendable, Equatable {
    /// To be opened, under a new id.
    public var opened: [BookDifference] = []
    /// Open already, and now by other numbers: said again under its id.
    public var changed: [(difference: BookDifference, id: EventID)] = []
    public var resolved: [OpenDiscrepancy] = []

    public init() {}

    public var isEmpty: Bool { opened.isEmpty && changed.isEmpty && resolved.isEmpty }

    public static func == (left: Self, right: Self) -> Bool {
        left.opened == right.opened && left.resolved == right.resolved
            && left.changed.map(\.difference) == right.changed.map(\.difference)
    }
}

extension ReconcileState {
    /// What is to be opened, said anew and resolved.
    public func findings(_ comparison: BookComparison, believed: [BookDifference]) -> Findings {
        var findings = Findings()
        for difference in believed {
            guard let row = open[difference.key] else {
                findings.opened.append(difference)
                continue
            }
            guard !difference.isSaid(by: row) else { continue }
            if row.isExplained {
                findings.opened.append(difference)
            } else {
                findings.changed.append((difference, row.id))
            }
        }
        let shown = Set(comparison.differences.map(\.key))
        findings.resolved = open.rows.filter {
            !$0.isExplained && !shown.contains($0.key) && comparison.hasCompared($0, self)
        }
        return findings
    }

    /// Lets go of what was explained and shows no more.
    public mutating func settle(_ comparison: BookComparison) {
        let shown = Set(comparison.differences.map(\.key))
        for row in open.rows where row.isExplained && !shown.contains(row.key) && comparison.hasCompared(row, self) {
            forgetExplained(row.key)
        }
    }
}
