import Foundation
import Testing

/// The built program, run as a person runs it: arguments, standard input, exit code.
struct Program {
    struct Output {
        let status: Int32
        let out: [UInt8]
        let err: String

        var text: String { String(decoding: out, as: UTF8.self) }
        var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) }
    }

    /// `TORGHUT_PROGRAM`, or else beside the test bundle, where the build puts both.
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["TORGHUT_PROGRAM"] { return named }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let near = [own, CommandLine.arguments[0]].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        let built = near.map { $0 + "/torghut" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return built ?? FileManager.default.currentDirectoryPath + "/.build/debug/torghut"
    }()

    /// A folder for one test: the program runs in it, and it is removed afterwards.
    let ground: Ground
    var environment: [String: String] = [:]

    init(_ ground: Ground) { self.ground = ground }

    func process(_ arguments: [String], executable: String? = nil) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable ?? Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: ground.folder)
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TORGHUT_") }
        variables.merge(environment) { $1 }
        process.environment = variables
        return process
    }

    /// Runs to the end; input and output are files, so that no pipe can fill up.
    func run(
        _ arguments: [String], input: [UInt8] = [], executable: String? = nil, limit: Duration = .seconds(50)
    ) async throws -> Output {
        let name = ground.folder + "/.run-" + UUID().uuidString
        defer {
            for end in [".in", ".out", ".err"] {
                do { try FileManager.default.removeItem(atPath: name + end) } catch {
                    Issue.record("\(name)\(end) stays")
                }
            }
        }
        for (end, content) in [(".in", Data(input)), (".out", Data()), (".err", Data())] {
            try content.write(to: URL(fileURLWithPath: name + end))
        }
        let process = process(arguments, executable: executable)
        process.standardInput = FileHandle(forReadingAtPath: name + ".in")
        process.standardOutput = FileHandle(forWritingAtPath: name + ".out")
        process.standardError = FileHandle(forWritingAtPath: name + ".err")
        let status = try await process.finish(within: limit)
        return Output(
            status: status, out: Array(try Data(contentsOf: URL(fileURLWithPath: name + ".out"))),
            err: String(decoding: try Data(contentsOf: URL(fileURLWithPath: name + ".err")), as: UTF8.self))
    }

    func run(_ arguments: String..., input: String = "") async throws -> Output {
        try await run(arguments, input: Array(input.utf8))
    }

    /// A journal with the catalog's topics, in the default place.
    func prepared() async throws {
        let applied = try await run("topics", "apply")
        try #require(applied.status == 0, "\(applied.err)")
    }
}

extension Process {
    /// Starts it if that is still to be done, and waits without holding a thread; kills it when it takes too long.
    func finish(within limit: Duration = .seconds(40)) async throws -> Int32 {
        let ended = AsyncStream<Void>.makeStream()
        terminationHandler = { _ in ended.continuation.finish() }
        if processIdentifier == 0 { try run() }
        let pid = processIdentifier
        let watchdog = Task {
            try await Task.sleep(for: limit)
            kill(pid, SIGKILL)
        }
        if isRunning { for await _ in ended.stream {} }
        watchdog.cancel()
        waitUntilExit()
        return terminationReason == .exit ? terminationStatus : -terminationStatus
    }
}

/// A temporary folder that is removed when the test lets go of it.
final class Ground: Sendable {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "torghut-program-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("cannot remove \(folder)") }
    }
}

/// A program that goes on while the test talks to it.
final class Running {
    let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private var rest = Data()

    init(_ program: Program, _ arguments: String...) throws {
        process = program.process(arguments)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }
    func endInput() throws { try input.fileHandleForWriting.close() }

    /// The next line it prints; `nil` at the end, or when none comes for a long time.
    func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                defer { rest = Data(rest[(end + 1)...]) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            var ready = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, 20_000) > 0 else { return nil }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            rest += more
        }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }
}

/// Fields of a JSON line, for comparing.
func fields(_ line: String) throws -> [String: any Sendable] {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
    return try #require(object as? [String: any Sendable])
}
