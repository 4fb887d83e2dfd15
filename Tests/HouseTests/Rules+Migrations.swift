extension Rules {
    /// Statements of migrations that take away or change what a program before it uses (decision 0017).
    static func takingAway(in migrations: [SourceFile]) -> [Offence] {
        let words = #/\b(?:DROP|RENAME|TRUNCATE|DELETE|UPDATE|ALTER\s+(?!TABLE\b)|ADD\s+(?:CHECK|CONSTRAINT))\b/#
            .ignoresCase()
        return migrations.flatMap { migration in
            migration.lines.enumerated().compactMap { index, line -> Offence? in
                let code = line.split(separator: "--", maxSplits: 1, omittingEmptySubsequences: false)[0]
                if code.contains(#/\bADD\s+COLUMN\b.*\bNOT\s+NULL\b/#.ignoresCase()),
                    !code.uppercased().contains("DEFAULT")
                {
                    return Offence(path: migration.path, line: index + 1, what: "others write no value there")
                }
                guard let word = code.firstMatch(of: words)?.output else { return nil }
                return Offence(path: migration.path, line: index + 1, what: "\(word) takes away what others use")
            }
        }
    }
}
