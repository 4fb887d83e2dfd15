import Core

/// Reads a command line against the tree of commands: options may stand before, between and after the other words.
struct ArgumentParser {
    enum Outcome {
        case run(Invocation)
        /// Help was asked for: of a command, of a group, or of everything (an empty path).
        case help([String])
    }

    private let tree: CommandTree
    private var words: [String] = []
    private var values: [String: [String]] = [:]
    private var order: [String] = []

    init(_ tree: CommandTree) { self.tree = tree }

    mutating func parse(_ arguments: [String]) throws(UsageError) -> Outcome {
        try sort(arguments)
        if words.first == "help" { return .help(Array(words.dropFirst())) }
        let path = longestPath()
        if values["help"] != nil { return .help(path) }
        guard let command = tree.command(at: path) else { throw unknownCommand(after: path) }
        let rest = words.dropFirst(path.count)
        for option in order { try check(option, of: command) }
        guard rest.count <= (command.operand == nil ? 0 : 1) else {
            throw UsageError("\(command.name): unexpected '\(rest.last ?? "")'; see torghut \(command.name) --help")
        }
        return .run(Invocation(command: command, operand: rest.first, values: values))
    }

    /// Tells words from options; whether an option takes a value does not depend on the command.
    private mutating func sort(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                return
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            let (name, joined) = try split(argument)
            switch (tree.takesValue(name), joined) {
            case (nil, _): throw unknownOption(name)
            case (true?, let value?): note(name, value)
            case (true?, nil):
                guard let value = rest.popFirst() else { throw UsageError("--\(name) needs a value") }
                note(name, value)
            case (false?, nil): note(name, "")
            case (false?, _?): throw UsageError("--\(name) takes no value")
            }
        }
    }

    private mutating func note(_ name: String, _ value: String) {
        values[name, default: []].append(value)
        order.append(name)
    }

    private func split(_ argument: String) throws(UsageError) -> (name: String, value: String?) {
        if argument == "-h" { return ("help", nil) }
        guard argument.hasPrefix("--") else {
            throw UsageError("options begin with two dashes: '\(argument)' is unknown")
        }
        let text = argument.dropFirst(2)
        guard let equals = text.firstIndex(of: "=") else { return (String(text), nil) }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private func check(_ option: String, of command: Command) throws(UsageError) {
        let allowed = CommandOption.shared + command.options
        guard let declared = allowed.first(where: { $0.name == option }) else {
            let nearest = NearestWord.to(option, among: allowed.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
            throw UsageError("\(command.name) has no option --\(option)\(nearest)")
        }
        guard declared.repeats || values[option]?.count == 1 else { throw UsageError("--\(option) is given twice") }
    }

    private func longestPath() -> [String] {
        var path: [String] = []
        for word in words {
            guard tree.command(at: path + [word]) != nil || tree.isGroup(path + [word]) else { break }
            path.append(word)
        }
        return path
    }

    private func unknownOption(_ name: String) -> UsageError {
        let command = tree.command(at: longestPath())
        let known = (CommandOption.shared + (command?.options ?? tree.commands.flatMap(\.options))).map(\.name)
        let nearest = NearestWord.to(name, among: known).map { "; did you mean --\($0)?" } ?? ""
        return UsageError("unknown option --\(name)\(nearest)")
    }

    private func unknownCommand(after path: [String]) -> UsageError {
        let next = tree.commands.filter { $0.path.starts(with: path) && $0.path.count > path.count }
        let names = next.map { $0.path[path.count] }
        let list = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ", ")
        guard words.count > path.count else {
            let what = path.isEmpty ? "a command is missing" : "'\(path.joined(separator: " "))' needs one more word"
            return UsageError("\(what): \(list); see torghut --help")
        }
        let word = words[path.count]
        let nearest = NearestWord.to(word, among: names).map { "; did you mean '\($0)'?" } ?? "; there are: \(list)"
        return UsageError("unknown command '\((path + [word]).joined(separator: " "))'\(nearest)")
    }
}
