public import Foundation

/// Another program that judges our output: it shares no code with us, so it does not share our mistakes.
public enum Judge {
    public struct Verdict: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String

        public var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: true) }
    }

    /// Runs a program from the search path to its end.
    ///
    /// One that is missing answers with status 127.
    ///
    /// Input and output go through files, because a full pipe on one side would block the other.
    public static func run(_ program: String, _ arguments: [String], input: Data = Data()) throws -> Verdict {
        let folder = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch {
                print("left behind: \(folder.path()): \(error)")
            }
        }
        let paths = ["in", "out", "err"].map { folder.appending(path: $0) }
        try input.write(to: paths[0])
        try Data().write(to: paths[1])
        try Data().write(to: paths[2])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = try FileHandle(forReadingFrom: paths[0])
        process.standardOutput = try FileHandle(forWritingTo: paths[1])
        process.standardError = try FileHandle(forWritingTo: paths[2])
        try process.run()
        process.waitUntilExit()
        return Verdict(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: paths[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: paths[2]), as: UTF8.self))
    }

    /// Debian's Python, which has the modules the tests need.
    public static func python(_ script: String, input: Data = Data()) throws -> Verdict {
        try run("/usr/bin/python3", ["-c", script], input: input)
    }
}
