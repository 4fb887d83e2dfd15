import Foundation
import Testing

/// The session that a page of the docs shows: commands, and what must come of each.
struct SessionPage {
    struct Step: Sendable {
        let line: Int
        let command: String
        /// Status and fields; `nil` when nothing is said about it.
        let expected: String?
    }

    let steps: [Step]

    /// All blocks that are fenced as `session`, in order.
    init(_ text: String) {
        var steps: [Step] = []
        var isInside = false
        var command: (line: Int, text: String)?
        func end(with expected: String?) {
            guard let ended = command else { return }
            steps.append(Step(line: ended.line, command: ended.text, expected: expected))
            command = nil
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                end(with: nil)
                isInside = line == "```session"
            } else if isInside, line.hasPrefix("$ ") {
                end(with: nil)
                command = (index + 1, String(line.dropFirst(2)))
            } else if isInside {
                end(with: String(line))
            }
        }
        self.steps = steps
    }

    /// The page, found from this file upwards: tests run in the package's folder or below it.
    static func read(_ name: String, file: String = #filePath) throws -> SessionPage {
        var folder = URL(filePath: file)
        while folder.path() != "/" {
            folder.deleteLastPathComponent()
            let page = folder.appending(path: "docs/" + name)
            if FileManager.default.fileExists(atPath: page.path()) {
                return SessionPage(try String(contentsOf: page, encoding: .utf8))
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

/// Compares an answer with what a page says of it, and remembers what it names.
struct SessionPattern {
    var names: [String: String] = [:]

    /// What differs, or `nil`.
    mutating func difference(_ expected: Any, _ actual: Any?, at path: String = "$") -> String? {
        switch expected {
        case let fields as [String: Any]:
            guard let object = actual as? [String: Any] else { return "\(path) is no object" }
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                if let found = difference(value, object[name], at: "\(path).\(name)") { return found }
            }
            return nil
        case let list as [Any]:
            guard let elements = actual as? [Any], elements.count == list.count else {
                return "\(path) has not \(list.count) elements"
            }
            for (index, value) in list.enumerated() {
                if let found = difference(value, elements[index], at: "\(path)[\(index)]") { return found }
            }
            return nil
        case let text as String where text == "…": return actual is String ? nil : "\(path) is no text"
        case let text as String where text.hasPrefix("$"):
            guard let found = actual as? String else { return "\(path) is no text" }
            let known = names[String(text.dropFirst())] ?? found
            names[String(text.dropFirst())] = known
            return known == found ? nil : "\(path) is \(found), not \(known)"
        default:
            return "\(expected)" == "\(actual ?? "missing")"
                ? nil : "\(path) is \(actual ?? "missing"), not \(expected)"
        }
    }
}
