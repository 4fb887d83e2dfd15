import Foundation

/// A text of the repository under its path from the top.
struct SourceFile: Sendable {
    let path: String
    let text: String
    /// The text with comments and string literals blanked, line for line: what the compiler would act on.
    let code: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        code = path.hasSuffix(".swift") ? SwiftText.code(of: text) : text
    }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

    /// `Sources/Bus/Topics/TopicPlan.swift` is in `Bus`; `nil` outside Sources and Tests.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }
}

/// Something a rule refuses, and where it stands.
struct Offence: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let what: String
    var description: String { "\(path):\(line): \(what)" }
}

/// The repository this test was built from.
enum Repository {
    static let top = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    /// Files with one of these endings below a folder (or the one file itself), in order of their paths.
    static func files(in folders: String..., endings: String...) throws -> [SourceFile] {
        var files: [SourceFile] = []
        for folder in folders {
            for path in paths(below: folder) where endings.contains(where: path.hasSuffix) {
                let text = try String(contentsOf: top.appending(path: path), encoding: .utf8)
                files.append(SourceFile(path, text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: top.appending(path: path).standardizedFileURL.path)
    }

    private static func paths(below folder: String) -> [String] {
        let root = top.appending(path: folder)
        guard FileManager.default.fileExists(atPath: root.path) else { return [] }
        // The top level's files have an ending, its folders have none.
        guard !folder.contains(".") else { return [folder] }
        guard let found = FileManager.default.enumerator(atPath: root.path) else { return [] }
        return found.compactMap { ($0 as? String).map { "\(folder)/\($0)" } }
    }
}
