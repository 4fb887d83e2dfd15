import Foundation

/// `torghut run`, as it is shipped, in a process of its own: what it serves, and how much memory it has.
final class ServedProgram {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let port: UInt16
    private let process: Process
    private let said: String

    init(_ scratch: Scratch, roles: String, environment: [String: String]) async throws {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = own.deletingLastPathComponent().appending(path: "torghut").path()
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(description: "\(program) is not there: swift build -c release --product torghut")
        }
        said = "\(scratch.path)/said-\(UUID().uuidString)"
        try Data().write(to: URL(filePath: said))
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["run", "--roles", roles]
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TORGHUT_") }
        variables.merge(environment) { $1 }
        variables["TORGHUT_API_PORT"] = "0"
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: said)
        try process.run()
        var port: UInt16?
        let deadline = ContinuousClock.now + .seconds(60)
        while port == nil {
            try await Task.sleep(for: .milliseconds(50))
            let text = try String(contentsOfFile: said, encoding: .utf8)
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw Failure(description: "the program does not listen: \(text.suffix(2_000))")
            }
            for line in text.split(separator: "\n") where line.contains("\"api_listening\"") {
                port = line.firstRange(of: "\"port\":").flatMap {
                    UInt16(line[$0.upperBound...].prefix { $0.isNumber })
                }
            }
        }
        self.port = port ?? 0
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// The memory it has now, in KiB.
    func residentKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    /// Its processor time so far, of all threads.
    func processorSeconds() throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
        return Double((Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
