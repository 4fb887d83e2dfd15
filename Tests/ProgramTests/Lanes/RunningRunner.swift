import Foundation
import Testing

/// `lean-runner` in a process of its own, on a free port, in the ground of a program.
final class RunningRunner {
    let process: Process
    let port: Int

    /// With a port of its own choice, or at one where another one was.
    init(_ program: Program, broker: String, port wanted: Int = 0) throws {
        let data = program.ground.folder + "/runner"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let beside = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path + "/lean-runner"
        process = program.process(
            ["--port", "\(wanted)", "--data", data, "--broker-url", broker, "--until-eof"], executable: beside)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        held = input
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "lean-runner says nothing")
            line += more
        }
        let ports = try JSONSerialization.jsonObject(with: line) as? [String: Int]
        port = try #require(ports?["http"])
    }

    private let held: Pipe

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var address: String { "http://127.0.0.1:\(port)" }

    /// As the power does it.
    func killed() async throws {
        kill(process.processIdentifier, SIGKILL)
        _ = try await process.finish()
    }
}
