extension Rules {
    /// Pages whose markup is more than markup, or that come from anywhere but here.
    ///
    /// The browser is told to refuse all this; here it is found before a browser sees it.
    static func markup(in files: [SourceFile]) -> [Offence] {
        let banned = [
            Banned(
                "<script", matching: #/<script(?![^>]*\bsrc=)[^>]*>|<script[^>]*>[^<\s]/#, as: "a script inside a page"),
            Banned("<style", matching: #/<style\b/#, as: "a style inside a page"),
            Banned("style=", matching: #/\sstyle=/#, as: "a style inside a page"),
            Banned("=\"", matching: #/\son[a-z]+="/#, as: "a script inside a page"),
            Banned(
                "src=", "href=", "action=", matching: #/\b(?:src|href|action)="(?!\/(?!\/)|#)/#,
                as: "an address that is not ours"),
            Banned("javascript:", matching: #/javascript:/#, as: "a script inside a page"),
        ]
        return files.filter { $0.path.hasSuffix(".html") }.flatMap { file in
            banned.flatMap { $0.offences(in: file.text, of: file.path) } + outline(of: file)
        }
    }

    /// One title, one main part, headings that leave out no level: what a screen reader goes by.
    private static func outline(of file: SourceFile) -> [Offence] {
        let wanted = ["<html lang=\"en\">", "<meta charset=\"utf-8\">", "<main>", "<title>", "name=\"viewport\""]
        var offences = wanted.filter { !file.text.contains($0) }.map {
            Offence(path: file.path, line: 1, what: "a page without \($0)")
        }
        var last = 0
        for (index, line) in file.lines.enumerated() {
            for match in line.matches(of: #/<h([1-6])\b/#) {
                let level = Int(match.output.1) ?? 0
                if level > last + 1 || level == 1 && last > 0 {
                    offences.append(Offence(path: file.path, line: index + 1, what: "a heading out of order"))
                }
                last = level
            }
        }
        return offences
    }

    /// Page code that names another host, reads text as markup or as code, or writes a style into the page.
    static func pageCode(in files: [SourceFile]) -> [Offence] {
        let banned = [
            Banned(
                "//", matching: #/(?:https?|wss?):\/\/(?!www\.w3\.org\/2000\/svg)|["'`(]\/\/[a-z]/#, as: "another host"),
            Banned(
                "import", matching: #/\bfrom "(?!\/console\/)|\bimport "(?!\/console\/)/#, as: "code from elsewhere"),
            Banned(
                "HTML", "document.write", matching: #/\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b/#,
                as: "text that is read as markup"),
            Banned("eval", "Function", matching: #/\beval\(|\bnew Function\b/#, as: "text that is run"),
            Banned(
                "cssText", "style", matching: #/\bcssText\b|setAttribute\("style"|[{,]\s*style: /#,
                as: "a style inside a page"),
            Banned("@import", "url(", matching: #/@import|url\((?!data:)/#, as: "a style from elsewhere"),
        ]
        let code = files.filter { [".js", ".css", ".svg"].contains(where: $0.path.hasSuffix) }
        return code.flatMap { file in banned.flatMap { $0.offences(in: file.text, of: file.path) } }
    }
}
