/// What the command line says: `--name value` pairs that are known, and switches.
struct GivenOptions: Sendable {
    private var values: [String: String] = [:]

    init(_ arguments: some Sequence<String>, valued: Set<String>, switches: Set<String>) throws(UsageProblems) {
        var rest = Array(arguments)[...]
        var problems: [String] = []
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                problems.append("what is '\(argument)'?")
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if switches.contains(name), parts.count == 1 {
                values[name] = ""
            } else if valued.contains(name) {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    problems.append("--\(name) needs a value")
                    continue
                }
                if values[name] != nil { problems.append("--\(name) is given twice") }
                values[name] = value
            } else {
                problems.append("there is no option --\(name)")
            }
        }
        guard problems.isEmpty else { throw UsageProblems(list: problems) }
    }

    subscript(_ name: String) -> String? { values[name] }
    func has(_ name: String) -> Bool { values[name] != nil }
}

/// All that is wrong with how the program was called.
struct UsageProblems: Error {
    let list: [String]
}
