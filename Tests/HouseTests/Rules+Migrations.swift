extension Rules {
    /// Statements of migrations that take away or change what a program before it uses (decision 0017).
    static func takingAway(in migrations: [SourceFile]) -> [Offence] {
        let words = #/\b(?:DROP|RENAME|TRUNCATE|DELETE|UPDATE|ALTER\s+COLUMN)\b/#.ignoresCase()
        return migrations.flatMap { migration in
            migration.lines.enumerated().compactMap { index, line -> Offence? in
                let code = line.split(separator: "--", maxSplits: 1, omittingEmptySubsequences: false)[0]
                guard let word = code.firstMatch(of: words)?.output else { return nil }
                return Offence(path: migration.path, line: index + 1, what: "\(word) takes away what others use")
            }
        }
    }
}
