import Foundation
import TestSupport
import Testing

/// The runbooks as they lie in the repository, and copies of them for planted faults.
struct RunbookPages {
    static let house = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL.path
    static let programs = URL(filePath: Program.path).deletingLastPathComponent().path
    private static let tools = house + "/deploy/runbooks/"

    let folder: String

    init(_ folder: String = house + "/docs/runbooks") { self.folder = folder }

    /// A copy in which pages may be broken.
    init(copiedTo ground: Ground) throws {
        folder = ground.folder + "/runbooks"
        try FileManager.default.copyItem(atPath: Self.house + "/docs/runbooks", toPath: folder)
    }

    func page(_ name: String) -> String { folder + "/" + name + ".md" }

    /// Says something else in a page; the words must stand there.
    func plant(_ name: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: page(name), encoding: .utf8)
        try #require(text.contains(old), "\(name) does not say: \(old)")
        try text.replacing(old, with: new, maxReplacements: 1).write(
            toFile: page(name), atomically: true, encoding: .utf8)
    }

    /// Holds every page against programs, metrics, settings, topics and alerts.
    func check(rules: String? = nil) async throws -> Judge.Verdict {
        let arguments = ["check.py", folder, "--programs", Self.programs] + (rules.map { ["--rules", $0] } ?? [])
        return try await Self.python(arguments)
    }

    /// Does what pages tell to do, in an empty folder.
    func rehearse(_ names: [String], and more: [String] = []) async throws -> Judge.Verdict {
        try await Self.python(["rehearse.py"] + names.map(page) + ["--programs", Self.programs] + more)
    }

    static func python(_ arguments: [String], in tools: String = tools) async throws -> Judge.Verdict {
        let given = [tools + arguments[0]] + arguments.dropFirst()
        return try await aside { try Judge.run("/usr/bin/python3", given) }
    }
}
