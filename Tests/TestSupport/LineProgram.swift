internal import Foundation

/// A Python script that prints one line when it is ready, and ends when its input does.
public final class LineProgram {
    private let process = Process()
    private let input = Pipe()
    public let line: String

    public init(_ script: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var bytes = Data()
        while bytes.last != 10 {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            bytes += more
        }
        line = String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }
}
