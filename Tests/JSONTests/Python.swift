import Foundation
import Testing

/// Debian's Python as a judge that shares no code with us.
enum Python {
    struct Failed: Error { let status: Int32 }

    /// Runs a script with `input` as standard input and returns what it printed.
    static func run(_ script: String, input: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "json-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        // Files instead of pipes: a full pipe would stop both sides.
        let given = folder.appending(path: "input")
        let printed = folder.appending(path: "output")
        try Data(input).write(to: given)
        try Data().write(to: printed)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.standardInput = try FileHandle(forReadingFrom: given)
        process.standardOutput = try FileHandle(forWritingTo: printed)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return Array(try Data(contentsOf: printed))
    }
}
