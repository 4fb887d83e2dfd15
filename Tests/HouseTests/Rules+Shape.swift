extension Rules {
    static let maximumFileLines = 500
    static let maximumFunctionLines = 70

    static func fileLengths(in files: [SourceFile]) -> [Offence] {
        files.compactMap { file in
            // A last line end is no line of its own.
            let count = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
            guard count > maximumFileLines else { return nil }
            return Offence(path: file.path, line: 1, what: "\(count) lines are over \(maximumFileLines)")
        }
    }

    static func functionLengths(in files: [SourceFile]) -> [Offence] {
        files.flatMap { file in
            SwiftText.functions(in: file.code).filter { $0.length > maximumFunctionLines }.map {
                Offence(
                    path: file.path, line: $0.line,
                    what: "\($0.name) has \($0.length) lines, over \(maximumFunctionLines)")
            }
        }
    }

    /// File names that say nothing about what is inside.
    static func names(of files: [SourceFile]) -> [Offence] {
        files.compactMap { file in
            let name = file.path.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? ""
            guard ["Utils", "Util", "Helpers", "Helper", "Manager", "Impl"].contains(where: name.hasSuffix) else {
                return nil
            }
            return Offence(path: file.path, line: 1, what: "\(name) does not name an idea")
        }
    }
}
