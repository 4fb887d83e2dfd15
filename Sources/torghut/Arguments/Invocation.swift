import Runtime

/// One run of a command: what was given, already checked against the declaration.
struct Invocation: Sendable {
    let command: Command
    let operand: String?
    private let values: [String: [String]]

    init(command: Command, operand: String?, values: [String: [String]]) {
        self.command = command
        self.operand = operand
        self.values = values
    }

    func has(_ option: String) -> Bool { values[option] != nil }
    func value(_ option: String) -> String? { values[option]?.last }
    func values(_ option: String) -> [String] { values[option] ?? [] }
    var json: Bool { has("json") }

    func required(_ option: String) throws(UsageError) -> String {
        guard let value = value(option) else { throw UsageError("\(command.name) needs --\(option)") }
        return value
    }

    func requiredOperand() throws(UsageError) -> String {
        guard let operand else { throw UsageError("\(command.name) needs \(command.operand?.name ?? "an operand")") }
        return operand
    }

    /// A whole number of at least `least`.
    func integer(_ option: String, atLeast least: Int64 = 0) throws(UsageError) -> Int64? {
        guard let text = value(option) else { return nil }
        guard let number = Int64(text), number >= least else {
            throw UsageError("--\(option) is a whole number of at least \(least), not '\(text)'")
        }
        return number
    }

    /// `90s`, `500ms`, `10m`, `2h`, `7d`.
    func duration(_ option: String) throws(UsageError) -> Duration? {
        guard let text = value(option) else { return nil }
        return try time(text, of: option)
    }

    /// A time that is part of an option's value.
    func time(_ text: String, of option: String) throws(UsageError) -> Duration {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let number = Int64(text.dropLast(unit.utf8.count)), number > 0, number <= 100_000 else { continue }
            return .milliseconds(number * milliseconds)
        }
        throw UsageError("--\(option) is a time like 500ms, 90s, 10m, 2h or 7d, not '\(text)'")
    }

    /// The settings of environment and command line together; every problem is named at once.
    ///
    /// What is added goes before the environment; another log's address, if there is one, before that of the command line.
    func settings(
        adding extra: [String: String] = [:], log other: String? = nil
    ) throws(UsageError) -> Settings {
        do throws(SettingsProblems) {
            return try Settings(
                log: other ?? value("log"), data: value("data"),
                environment: Settings.processEnvironment().merging(extra) { $1 })
        } catch {
            throw UsageError(problems: error.problems)
        }
    }
}
