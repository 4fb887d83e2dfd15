/// Words that may not stand in code.
///
/// A file that holds none of the `hints` is not searched: patterns are slow.
struct Banned {
    let hints: [String]
    let pattern: Regex<Substring>
    let what: String

    init(_ hints: String..., matching pattern: Regex<Substring>, as what: String) {
        self.hints = hints
        // Unicode's own word boundaries make one word of `Double.pi`.
        self.pattern = pattern.wordBoundaryKind(.simple)
        self.what = what
    }

    func offences(in text: String, of path: String) -> [Offence] {
        guard hints.contains(where: text.contains) else { return [] }
        return text.matches(of: pattern).map { match in
            // A match may begin with the line end before its line.
            let start = text[match.range].first?.isNewline == true ? 1 : 0
            let line = text[..<match.range.lowerBound].utf8.count { $0 == 0x0A } + 1 + start
            return Offence(path: path, line: line, what: what)
        }
    }
}

extension Rules {
    /// What would make a pure room depend on when, where or how often it runs.
    static func impurities(in files: [SourceFile]) -> [Offence] {
        let banned = [
            Banned(
                "Clock", "DispatchTime", "DispatchWallTime", "clock_gettime", "gettimeofday",
                matching:
                    #/\b(?:ContinuousClock|SuspendingClock|DispatchTime|DispatchWallTime|clock_gettime|gettimeofday)\b/#,
                as: "a clock"),
            Banned("Date", ".now", matching: #/\bDate\s*\(|\.now\b/#, as: "a clock"),
            Banned(
                "SystemRandom", "UUID", "arc4random", "getrandom",
                matching: #/\bSystemRandomNumberGenerator\b|\bUUID\s*\(|\barc4random\w*|\bgetrandom\b/#,
                as: "randomness"),
            Banned(
                ".random", ".shuffle",
                matching: #/\.random\(in:(?![^\n]*using:)|\.randomElement\(\)|\.shuffled\(\)|\.shuffle\(\)/#,
                as: "randomness"),
            Banned(
                "Hasher", ".hashValue", matching: #/\bHasher\s*\(|\.hashValue\b/#,
                as: "a hash that differs in each process"),
            Banned("await", "Task", matching: #/\bawait\b|\bTask\s*[{.]/#, as: "waiting"),
            Banned(
                "Double", "Float", matching: #/\b(?:Double|Float|Float16|Float80)\b/#, as: "a number that is not exact"),
            Banned(
                ".keys", ".values", matching: #/\bfor\b[^\n]*\bin\b[^\n]*\.(?:keys|values)\s*\{/#,
                as: "a dictionary's order"),
            Banned(
                ".keys", ".values",
                matching: #/\.(?:keys|values)\.(?:map|flatMap|compactMap|forEach|first|joined|reduce)\b/#,
                as: "a dictionary's order"),
            Banned("import", matching: #/\bimport\s+(?:Foundation\w*|Dispatch|Glibc)\b/#, as: "the machine"),
        ]
        let pure = files.filter { $0.path.hasPrefix("Sources/Core/") || $0.path.hasPrefix("Sources/Domain/") }
        return pure.flatMap { file in banned.flatMap { $0.offences(in: file.code, of: file.path) } }
    }

    /// Work left undone, and failures swept away.
    static func sins(in files: [SourceFile]) -> [Offence] {
        let banned = [
            Banned("try!", matching: #/\btry!/#, as: "a failure that crashes"),
            Banned("catch", matching: #/\bcatch\b[^\n{]*\{\s*\}/#, as: "a failure that nobody hears of"),
            Banned(".disabled", matching: #/\.disabled\(/#, as: "a test that does not run"),
            Banned("withKnownIssue", matching: #/\bwithKnownIssue\b/#, as: "a test that may fail"),
        ]
        // Written in pieces, so that this file does not find itself.
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
        return files.flatMap { file in
            let undone = marks.filter(file.text.contains).flatMap { mark in
                file.lines.enumerated().filter { isWord(mark, in: $0.element) }.map {
                    Offence(path: file.path, line: $0.offset + 1, what: "work left undone")
                }
            }
            return undone + banned.flatMap { $0.offences(in: file.code, of: file.path) }
        }
    }

    /// A room says what it has to say through Telemetry, or returns it.
    static func prints(in files: [SourceFile]) -> [Offence] {
        let printing = Banned(
            "print", "dump", matching: #/(?:^|[^.\w])(?:print|debugPrint|dump)[ ]*\(/#, as: "printing")
        return files.flatMap { file in
            guard file.path.hasPrefix("Sources/"), let target = file.target, !Floors.programs.contains(target) else {
                return [Offence]()
            }
            return printing.offences(in: file.code, of: file.path)
        }
    }

    /// Foundation's JSON is some forty times slower than ours, and reads what ours refuses: it is there to be compared
    /// with, and nothing else.
    static func foundationJSON(in files: [SourceFile]) -> [Offence] {
        let banned = Banned(
            "JSONDecoder", "JSONEncoder", "JSONSerialization",
            matching: #/\bJSON(?:Decoder|Encoder|Serialization)\b/#, as: "Foundation's JSON")
        return files.flatMap { file in
            guard file.path.hasPrefix("Sources/"), file.target != "Benchmarks" else { return [Offence]() }
            return banned.offences(in: file.code, of: file.path)
        }
    }

    private static func isWord(_ word: String, in line: Substring) -> Bool {
        line.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains { $0 == word }
    }
}
