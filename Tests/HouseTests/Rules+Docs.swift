extension Rules {
    /// Every page begins with its one title.
    static func titles(in pages: [SourceFile]) -> [Offence] {
        pages.compactMap { page in
            let titles = prose(of: page).filter { $0.text.hasPrefix("# ") }
            if titles.count == 1, page.text.hasPrefix("# ") { return nil }
            return Offence(
                path: page.path, line: titles.last?.line ?? 1, what: "\(titles.count) titles, or one that is not first")
        }
    }

    /// Links to files or headings that are not there.
    ///
    /// `exists` answers for a path from the top.
    static func links(in pages: [SourceFile], exists: (String) -> Bool) -> [Offence] {
        let headings = Dictionary(pages.map { ($0.path, anchors(of: $0)) }, uniquingKeysWith: { first, _ in first })
        return pages.flatMap { page in
            prose(of: page).flatMap { line in
                line.text.matches(of: #/\]\(([^)\s]+)\)/#).compactMap { match -> Offence? in
                    let link = String(match.output.1)
                    guard !link.contains("://"), !link.hasPrefix("mailto:") else { return nil }
                    let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                    let path = parts[0].isEmpty ? page.path : resolve(String(parts[0]), from: page.path)
                    let missing = Offence(path: page.path, line: line.line, what: "\(link) leads nowhere")
                    guard exists(path) else { return missing }
                    guard parts.count == 2, let known = headings[path] else { return nil }
                    return known.contains(String(parts[1])) ? nil : missing
                }
            }
        }
    }

    /// Settings of the programs that no page names.
    static func settings(in sources: [SourceFile], pages: [SourceFile]) -> [Offence] {
        let setting = #/\b(?:TRADING|TORGHUT|APCA|LEAN)_[A-Z0-9_]*[A-Z0-9]\b/#
        let documented = Set(pages.flatMap { $0.text.matches(of: setting).map(\.output) })
        return sources.filter { $0.path.hasPrefix("Sources/") }.flatMap { source in
            source.lines.enumerated().flatMap { index, line in
                line.matches(of: #/"((?:TRADING|TORGHUT|APCA|LEAN)_[A-Z0-9_]*[A-Z0-9])"/#).map(\.output.1)
                    .filter { !documented.contains($0) }
                    .map { Offence(path: source.path, line: index + 1, what: "no page names \($0)") }
            }
        }
    }

    /// The lines outside code blocks.
    private static func prose(of page: SourceFile) -> [(line: Int, text: Substring)] {
        var fenced = false
        return page.lines.enumerated().compactMap { index, line in
            if line.hasPrefix("```") {
                fenced.toggle()
                return nil
            }
            return fenced ? nil : (index + 1, line)
        }
    }

    /// Headings as the usual renderers make anchors of them.
    private static func anchors(of page: SourceFile) -> Set<String> {
        Set(
            prose(of: page).filter { $0.text.hasPrefix("#") }.map { line in
                let kept = line.text.drop { $0 == "#" }.dropFirst().lowercased().filter {
                    $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
                }
                return kept.replacing(" ", with: "-")
            })
    }

    private static func resolve(_ link: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in link.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if !parts.isEmpty { parts.removeLast() }
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}
