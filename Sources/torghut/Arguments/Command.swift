/// A command as it is declared: the parser, the help and the check for unknown options are all made from this.
struct Command: Sendable {
    /// The words of its name: `log` and `read`.
    let path: [String]
    let summary: String
    /// What does not fit into one line; may be empty.
    let details: String
    let options: [CommandOption]
    let operand: Operand?
    /// What exit code 3 means here; `nil` when the command has no such answer.
    let answerNo: String?
    let run: @Sendable (Invocation) async throws -> ExitCode

    init(
        _ path: String, _ summary: String, details: String = "", options: [CommandOption] = [],
        operand: Operand? = nil, answerNo: String? = nil,
        run: @escaping @Sendable (Invocation) async throws -> ExitCode
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.summary = summary
        self.details = details
        self.options = options
        self.operand = operand
        self.answerNo = answerNo
        self.run = run
    }

    var name: String { path.joined(separator: " ") }
}

/// All commands, in the order the help lists them.
struct CommandTree: Sendable {
    let commands: [Command]

    init(commands: [Command]) {
        self.commands = commands
        let options = commands.flatMap(\.options) + CommandOption.shared
        let arities = Dictionary(grouping: options, by: \.name).mapValues { Set($0.map { $0.value != nil }) }
        precondition(arities.values.allSatisfy { $0.count == 1 }, "an option takes a value here and none there")
    }

    func command(at path: [String]) -> Command? { commands.first { $0.path == path } }

    /// Whether these words begin the name of a command.
    func isGroup(_ path: [String]) -> Bool { commands.contains { $0.path.starts(with: path) && $0.path != path } }

    /// An option is one thing under one name in all commands: it may stand before the command is known.
    func takesValue(_ option: String) -> Bool? {
        let all = CommandOption.shared + commands.flatMap(\.options)
        return all.first { $0.name == option }.map { $0.value != nil }
    }
}
