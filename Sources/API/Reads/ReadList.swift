internal import Core

/// A read model as a list, newest first: its columns, what it may be asked by, and how it is paged.
public struct ReadList: Sendable {
    public struct Filter: Sendable {
        public let parameter: Parameter
        /// The condition, with `$?` where the value stands.
        let condition: String

        public init(_ name: String, _ shape: Shape, _ summary: String, where condition: String) {
            parameter = Parameter(name, shape, summary)
            self.condition = condition
        }
    }

    /// What makes the order of rows of one moment certain.
    public enum Tie: Sendable {
        case uuid(String)
        case text(String)

        var sql: String {
            switch self {
            case .uuid(let column): "row.\(column)"
            case .text(let expression): "(\(expression)) COLLATE \"C\""
            }
        }

        var cast: String {
            switch self {
            case .uuid: "::text::uuid"
            case .text: ""
            }
        }
    }

    public let view: String
    /// Whose checkpoints say which position the answer reflects.
    public let projection: String
    public let columns: [ReadColumn]
    public let filters: [Filter]
    public let joins: String
    /// The column of time that orders the rows.
    public let time: String
    public let tie: Tie
    /// Of this list alone: another one may read the same view.
    let texts = ReadTexts()

    public init(
        _ view: String, of projection: String, columns: [ReadColumn], filters: [Filter], joins: String = "",
        time: String = "created_at", tie: Tie
    ) {
        self.view = view
        self.projection = projection
        self.columns = columns
        self.filters = filters
        self.joins = joins
        self.time = time
        self.tie = tie
    }

    public static let limits: ClosedRange<Int64> = 1...500
    public static let defaultLimit: Int64 = 200

    /// What every list takes beyond its own filters.
    private var common: [Parameter] {
        [
            Parameter("since", .timestamp, "Rows from this moment on."),
            Parameter("until", .timestamp, "Rows before this moment."),
            Parameter("limit", .integer(Self.limits), "At most so many rows; \(Self.defaultLimit) unless it is said."),
            Parameter(
                "cursor", .name(maximum: 512), "Goes on behind the last row of an answer: its Torghut-Next-Cursor."),
        ]
    }

    public var parameters: [Parameter] { filters.map(\.parameter) + common }

    public var shape: Shape {
        .list(.object(columns.map(\.field), isClosed: true), maximum: Int(Self.limits.upperBound))
    }
}

/// Where a page ended: the moment of its last row, and what tells that row from others of the moment.
struct ReadCursor: Equatable {
    let micros: Int64
    let tie: String

    init(micros: Int64, tie: String) {
        self.micros = micros
        self.tie = tie
    }

    init(_ text: String, _ kind: ReadList.Tie) throws(Problem) {
        let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let micros = Int64(parts[0]), abs(micros) < 1 << 53 else { throw Self.unknown }
        if case .uuid = kind, !Shape.isUUID(String(parts[1])) { throw Self.unknown }
        self.init(micros: micros, tie: String(parts[1]))
    }

    private static let unknown = Problem(
        .invalidParameter, "a parameter cannot be used as it stands",
        faults: [Problem.Fault("cursor", "not one of ours")])

    var text: String { "\(micros)_\(tie)" }
}
