/// An option as a command declares it; its help is made from this.
struct CommandOption: Sendable, Hashable {
    /// Without the dashes.
    let name: String
    /// How its value is called in the help; `nil` for a switch.
    let value: String?
    let summary: String
    let repeats: Bool

    static func switched(_ name: String, _ summary: String) -> CommandOption {
        CommandOption(name: name, value: nil, summary: summary, repeats: false)
    }

    static func valued(_ name: String, _ value: String, _ summary: String, repeats: Bool = false) -> CommandOption {
        CommandOption(name: name, value: value, summary: summary, repeats: repeats)
    }

    var usage: String { value.map { "--\(name) \($0)" } ?? "--\(name)" }

    /// Options of every command, before or after its name.
    static let shared: [CommandOption] = [
        .valued(
            "log", "ADDRESS",
            "journal:DIR, kafka:HOST:PORT[,…] or archive:DIR (read only); "
                + "default $TORGHUT_LOG, else the journal in the data folder"),
        .valued("data", "DIR", "data folder; default $TORGHUT_DATA_DIR, else .torghut"),
        .switched("json", "print JSON, one object per line"),
        .switched("help", "say what the command does, and end"),
    ]
}

/// A word after the command's name that is not an option.
struct Operand: Sendable {
    let name: String
    let summary: String
}
