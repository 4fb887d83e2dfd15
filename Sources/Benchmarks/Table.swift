import Foundation

/// One line of the benchmark table: what we measured beside its physical floor, taken in the same run.
struct Row {
    let name: String
    let ours: String
    let floor: String
    /// Ours over the floor, in the direction the target is stated in.
    let ratio: Double
    let target: Target

    enum Target {
        case atMost(Double)
        case atLeast(Double)
        case none

        var text: String {
            switch self {
            case .atMost(let limit): "≤ \(Row.short(limit))"
            case .atLeast(let limit): "≥ \(Row.short(limit))"
            case .none: "–"
            }
        }

        func met(by ratio: Double) -> String {
            switch self {
            case .atMost(let limit): ratio <= limit ? "yes" : "no"
            case .atLeast(let limit): ratio >= limit ? "yes" : "no"
            case .none: "–"
            }
        }
    }

    static func short(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    static func perSecond(_ count: Int, _ duration: Duration) -> String {
        "\(grouped(Int(Double(count) / duration.seconds)))/s"
    }

    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return String(
            digits.indices.flatMap { index in
                index > 0 && (digits.count - index) % 3 == 0 ? [",", digits[index]] : [digits[index]]
            })
    }
}

/// The table as Markdown, the same on a terminal and in `docs/benchmarks.md`.
struct Table {
    private(set) var rows: [Row] = []

    /// Tells it at once, for whoever waits for the rest.
    mutating func add(_ row: Row) {
        rows.append(row)
        FileHandle.standardError.write(Data("\(row.name): \(row.ours), \(row.floor)\n".utf8))
    }

    var text: String {
        let head = ["what", "ours", "floor", "ratio", "target", "met"]
        let body = rows.map { row in
            [row.name, row.ours, row.floor, Row.short(row.ratio), row.target.text, row.target.met(by: row.ratio)]
        }
        let widths = head.indices.map { column in ([head] + body).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        return ([line(head), rule] + body.map(line)).joined(separator: "\n")
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

/// Runs ours and its floor in turns, so that a slow minute of the machine hits both, and keeps the median of each.
///
/// The ratio is the median of the rounds' own: the machine changes its speed between rounds, and medians of the two
/// sides may come from different speeds. A first round, which warms caches up, does not count.
struct Contest {
    let ours: Duration
    let floor: Duration
    let ratio: Double

    init(rounds: Int = 5, ours: () async throws -> Duration, floor: () async throws -> Duration) async throws {
        var mine: [Duration] = []
        var bare: [Duration] = []
        for round in 0...rounds {
            let (under, over) = (try await floor(), try await ours())
            guard round > 0 else { continue }
            bare.append(under)
            mine.append(over)
        }
        ratio = zip(mine, bare).map { $0.seconds / $1.seconds }.sorted()[rounds / 2]
        self.ours = mine.sorted()[rounds / 2]
        self.floor = bare.sorted()[rounds / 2]
    }
}
