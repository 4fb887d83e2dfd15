/// What the command line says: `--name value` pairs that the command knows, and switches.
struct Options {
    struct Problem: Error {
        let what: String
    }

    private var values: [String: String] = [:]

    init(_ arguments: ArraySlice<String>, valued: Set<String>, switches: Set<String>) throws(Problem) {
        var rest = arguments
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { throw Problem(what: "what is '\(argument)'?") }
            let name = String(argument.dropFirst(2))
            if switches.contains(name) {
                values[name] = ""
            } else if valued.contains(name) {
                guard let value = rest.popFirst() else { throw Problem(what: "--\(name) needs a value") }
                values[name] = value
            } else {
                throw Problem(what: "there is no option --\(name)")
            }
        }
    }

    subscript(_ name: String) -> String? { values[name] }
    func has(_ name: String) -> Bool { values[name] != nil }

    func number(_ name: String, or standard: Int, in range: ClosedRange<Int>) throws(Problem) -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(what: "--\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func required(_ name: String) throws(Problem) -> String {
        guard let value = values[name], !value.isEmpty else { throw Problem(what: "--\(name) is missing") }
        return value
    }
}
