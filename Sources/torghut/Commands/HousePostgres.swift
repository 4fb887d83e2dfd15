import Foundation
import Runtime

/// A PostgreSQL of this process's own, under the data folder; it ends with the process, however that ends.
///
/// The script that runs it waits at a pipe whose other end is here.
final class HousePostgres: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let address: String
    private let keeper: FileHandle
    private let process: Process

    /// Makes the cluster when there is none, and returns when the server answers.
    init(under dataFolder: String, _ script: String) throws {
        let folder = "\(dataFolder)/postgres"
        let (process, input, output, errors) = (Process(), Pipe(), Pipe(), Pipe())
        // No other child may hold the server alive.
        for end in [input.fileHandleForWriting, output.fileHandleForReading, errors.fileHandleForReading] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [script, "run", folder]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard said == "ready\n" else {
            try input.fileHandleForWriting.close()
            let fault = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            throw Failure(description: Self.trimmed(fault))
        }
        address = try Self.address(of: folder, script)
        keeper = input.fileHandleForWriting
        self.process = process
    }

    /// Returns when the server has ended.
    func stop() throws {
        try keeper.close()
        process.waitUntilExit()
    }

    private static func address(of folder: String, _ script: String) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [script, "dsn", folder]
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return trimmed(said)
    }

    private static func trimmed(_ said: Data) -> String {
        String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
