extension Rules {
    /// Folds and deciders that the naive read models lean on: whatever of Domain is no word, and anything that evolves.
    ///
    /// Two implementations that share a fold agree on its faults.
    static func sharedFolds(in files: [SourceFile]) -> [Offence] {
        let declared = #/\b(?:struct|enum|class|actor|protocol|typealias)\s+(\w+)/#
        let folds = files.filter { file in
            let parts = file.path.split(separator: "/")
            return parts.starts(with: ["Sources", "Domain"]) && !Floors.wordsOfDomain.contains(String(parts[2]))
        }
        let names = Set(folds.flatMap { $0.code.matches(of: declared).map { String($0.output.1) } })
        return files.filter { $0.target == Floors.naive }.flatMap { file in
            file.codeLines.enumerated().flatMap { index, line in
                line.matches(of: #/\w+/#).compactMap { word -> Offence? in
                    let word = String(word.output)
                    guard names.contains(word) || word == "evolve" || word == "Decider" else { return nil }
                    return Offence(path: file.path, line: index + 1, what: "\(word) is a fold of the product")
                }
            }
        }
    }
}
