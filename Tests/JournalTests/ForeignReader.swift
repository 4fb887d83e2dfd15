import Core
import Foundation

@testable import Journal

/// `read_journal.py`, which was written from the page about the format and knows nothing of our code.
enum ForeignReader {
    struct Failed: Error { let text: String }

    static func lines(_ folder: String, _ more: String...) throws -> [String] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "read_journal.py").path
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-B", script, folder] + more
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // Read to the end before waiting: a full pipe would stop both sides.
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(text: text) }
        return text.split(separator: "\n").map(String.init)
    }

    /// What it must print for a record that was appended.
    static func line(_ sent: NewRecord, at offset: Int64) -> String {
        let headers = sent.headers.map { "\(hex(Array($0.name.utf8)))=\(hex($0.value))" }.joined(separator: ",")
        let numbers = "\(sent.partition ?? -1)\t\(offset)\t\(sent.timestamp ?? -1)"
        return "record\t\(sent.topic)\t\(numbers)\t\(hex(sent.key))\t\(hex(sent.value))\t\(headers)"
    }

    static func bytes(of sent: NewRecord) -> Int { 20 + LogLimits.size(of: sent) }

    private static func hex(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "-" }
        return "x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
