/// The rules of the house, each a function over files, so that planted offences can be tried on it.
enum Rules {}

extension Rules {
    /// Imports that the floors do not allow, and files of targets that no floor knows.
    static func imports(in files: [SourceFile]) -> [Offence] {
        files.flatMap { file -> [Offence] in
            guard let target = file.target, file.path.hasPrefix("Sources/") || target == Floors.naive else {
                return []
            }
            guard let room = Floors.rooms[target] else {
                return [Offence(path: file.path, line: 1, what: "\(target) is on no floor")]
            }
            return imports(of: file).compactMap { module, line in
                guard !room.may.contains(module) else { return nil }
                return Offence(path: file.path, line: line, what: "\(target) may not import \(module)")
            }
        }
    }

    /// C modules outside their window, also in tests.
    static func windows(in files: [SourceFile]) -> [Offence] {
        files.flatMap { file in
            imports(of: file).compactMap { module, line in
                guard let allowed = Floors.windows[module], let target = file.target else { return nil }
                // The tests of a window look at what it wraps.
                let room = target.hasSuffix("Tests") ? String(target.dropLast(5)) : target
                guard !allowed.contains(room) else { return nil }
                return Offence(path: file.path, line: line, what: "\(module) is imported outside its window")
            }
        }
    }

    /// Targets of the manifest that no floor knows, and dependencies that point up or sideways.
    static func manifest(_ file: SourceFile) -> [Offence] {
        var offences: [Offence] = []
        for (target, dependencies, line) in targets(of: file) {
            guard !target.hasSuffix("Tests"), !target.hasSuffix("TestSupport") else { continue }
            guard let room = Floors.rooms[target] else {
                offences.append(Offence(path: file.path, line: line, what: "\(target) is on no floor"))
                continue
            }
            for dependency in dependencies where !room.may.contains(dependency) {
                offences.append(Offence(path: file.path, line: line, what: "\(target) may not depend on \(dependency)"))
            }
        }
        return offences
    }

    /// The table itself: floors only import lower ones (windows their C module), neighbours nobody beside them.
    static func table(_ rooms: [String: Floors.Room] = Floors.rooms) -> [Offence] {
        rooms.sorted { $0.key < $1.key }.flatMap { name, room in
            room.may.sorted().compactMap { other in
                guard let lower = rooms[other] else { return nil }
                // Core is the ground of its own floor.
                let allowed = lower.floor < room.floor || (room.floor == 1 && other == "Core" && name != "Core")
                let beside = Floors.neighbours.contains(name) && Floors.neighbours.contains(other)
                guard !allowed || beside else { return nil }
                return Offence(path: "Floors", line: 0, what: "\(name) may not import \(other)")
            }
        }
    }

    /// Module and line of each import.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        let pattern =
            #/^\s*(?:@\w+\s+|public |package |internal |fileprivate |private )*import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/#
        return file.codeLines.enumerated().compactMap { index, line in
            line.firstMatch(of: pattern).map { (String($0.output.1), index + 1) }
        }
    }

    /// Name, dependencies and line of each target the manifest makes.
    static func targets(of manifest: SourceFile) -> [(name: String, dependencies: [String], line: Int)] {
        let made = #/(?:room|program)\(\s*"([\w-]+)"(?:,\s*on:([^)]*))?\)/#
        let plain =
            #/\.(?:systemLibrary|target|executableTarget)\(\s*name:\s*"(\w+)"(?:,\s*dependencies:\s*\[([^\]]*)\])?/#
        let matches = manifest.text.matches(of: made) + manifest.text.matches(of: plain)
        return matches.sorted { $0.range.lowerBound < $1.range.lowerBound }.map { match in
            let line = manifest.text[..<match.range.lowerBound].utf8.count { $0 == 0x0A } + 1
            return (String(match.output.1), quoted(match.output.2 ?? ""), line)
        }
    }

    private static func quoted(_ text: Substring) -> [String] {
        text.matches(of: #/"([\w-]+)"/#).map { String($0.output.1) }
    }
}
