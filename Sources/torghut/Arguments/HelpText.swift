/// Help made from the declarations, so that it cannot lag behind them.
struct HelpText {
    let tree: CommandTree

    /// Help of a command, of a group of commands, or of the program.
    func text(for path: [String]) throws(UsageError) -> String {
        if let command = tree.command(at: path) { return text(of: command) }
        let commands = tree.commands.filter { $0.path.starts(with: path) }
        guard !commands.isEmpty else { throw UsageError("there is no command '\(path.joined(separator: " "))'") }
        var text = path.isEmpty ? Self.opening : "torghut \(path.joined(separator: " ")): its commands\n"
        text += "\n" + Self.columns(commands.map { ("  " + $0.name, $0.summary) })
        text += "\nOptions of every command, before or after its name\n"
        text += Self.columns(CommandOption.shared.map { ("  " + $0.usage, $0.summary) })
        text += "\n" + Self.environment + "\n" + Self.exits(nil)
        return text + "\nMore: torghut COMMAND --help\n"
    }

    private static let opening = """
        torghut: decides whether an automated trading order may go out, and proves afterwards what happened.

        Usage: torghut COMMAND [OPTIONS]

        """

    private static let environment = """
        Environment
          TORGHUT_LOG          as --log
          TORGHUT_LOG_ID       identity of a log on Kafka, for archives; default kafka:HOST:PORT[,…]
          TORGHUT_DATA_DIR     data folder; default .torghut under the current folder
          TORGHUT_DB_DSN       database of the read models, postgresql://user:password@host:5432/name; or DB_DSN
          TORGHUT_HOME         folder with the program's schemas/ and deploy/; default beside the program or above
          TORGHUT_KAFKA_PROPS  librdkafka properties 'name=value;…', or @FILE with one per line

        """

    private func text(of command: Command) -> String {
        var text = "torghut \(command.name): \(command.summary)\n\nUsage: torghut \(command.name)"
        if let operand = command.operand { text += " \(operand.name)" }
        text += command.options.isEmpty ? "\n" : " [OPTIONS]\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        if let operand = command.operand { text += "\n" + Self.columns([("  " + operand.name, operand.summary)]) }
        if !command.options.isEmpty {
            text += "\nOptions\n" + Self.columns(command.options.map { ("  " + $0.usage, $0.summary) })
        }
        text += "\nOptions of every command\n"
        text += Self.columns(CommandOption.shared.map { ("  " + $0.usage, $0.summary) })
        return text + "\n" + Self.exits(command)
    }

    private static func exits(_ command: Command?) -> String {
        var codes: [ExitCode] = [.ok, .failure, .usage]
        if command == nil || command?.answerNo != nil { codes.append(.no) }
        return "Exit codes\n"
            + columns(codes.map { ("  \($0.rawValue)", $0 == .no ? command?.answerNo ?? $0.meaning : $0.meaning) })
    }

    /// Two columns; the second is folded at 100 letters.
    private static func columns(_ rows: [(String, String)]) -> String {
        let width = min((rows.map(\.0.count).max() ?? 0) + 2, 36)
        var text = ""
        for (left, right) in rows {
            var line = left.padded(to: width)
            if left.count + 2 > width {
                text += left + "\n"
                line = String(repeating: " ", count: width)
            }
            for word in right.split(separator: " ") {
                if line.count + word.count > 100 {
                    text += line.trimmedEnd + "\n"
                    line = String(repeating: " ", count: width)
                }
                line += word + " "
            }
            text += line.trimmedEnd + "\n"
        }
        return text
    }
}

extension String {
    func padded(to width: Int, right: Bool = false) -> String {
        let room = String(repeating: " ", count: max(0, width - count))
        return right ? room + self : self + room
    }

    var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
