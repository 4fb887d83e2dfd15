/// What the program says to the shell, the same for every command.
enum ExitCode: Int32, Sendable {
    case ok = 0
    case failure = 1
    case usage = 2
    /// The command worked, and its answer is no.
    case no = 3

    var meaning: String {
        switch self {
        case .ok: "done, or yes"
        case .failure: "failed; standard error says why"
        case .usage: "the command line or a setting is wrong"
        case .no: "the answer is no"
        }
    }
}

/// A command line or a setting that cannot be meant; each problem is a line of its own.
struct UsageError: Error, CustomStringConvertible {
    let problems: [String]

    init(_ problems: String...) { self.problems = problems }
    init(problems: [String]) { self.problems = problems }

    var description: String { problems.joined(separator: "\n") }
}
