internal import Foundation
internal import HTTPClient

/// `torghut-sim` in a process of its own, on free ports, which ends with its owner.
public final class Simulator: Sendable {
    private let process = Process()
    private let input = Pipe()
    /// Name and number of each port it printed.
    public let ports: [String: Int]
    // The summary of a storm names every order.
    private let pool = HTTPPool(lanes: 4, limits: HTTPLimits(maximumResponseBytes: 64 << 20))

    public struct NotStarted: Error {
        public let command: String
    }

    public convenience init(_ arguments: String...) throws { try self.init(list: arguments) }

    /// Beside the program that a storm drives, or else beside the test bundle, where the build puts both.
    public static let path: String = {
        if let program = ProcessInfo.processInfo.environment["TORGHUT_PROGRAM"] {
            let beside = URL(filePath: program).deletingLastPathComponent().path() + "torghut-sim"
            if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let near = [own, CommandLine.arguments[0]].map { URL(filePath: $0).deletingLastPathComponent().path() }
        let built = near.map { $0 + "torghut-sim" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return built ?? FileManager.default.currentDirectoryPath + "/.build/debug/torghut-sim"
    }()

    private init(list arguments: [String]) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: Self.path)
        process.arguments = arguments + ["--until-eof"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw NotStarted(command: arguments.joined(separator: " ")) }
            line += more
        }
        guard let ports = try JSONSerialization.jsonObject(with: line) as? [String: Int] else {
            throw NotStarted(command: arguments.joined(separator: " "))
        }
        self.ports = ports
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }

    public var processID: Int32 { process.processIdentifier }

    public func address(_ port: String = "http") -> String { "http://127.0.0.1:\(ports[port] ?? 0)" }

    /// Asks the control endpoint; the answer as JSON.
    @discardableResult
    public func control(_ path: String, _ body: String? = nil, port: String = "http") async throws -> JSONAnswer {
        let request = HTTPRequest(
            body == nil ? .get : .post, address(port) + path, body: Array((body ?? "").utf8))
        let response = try await pool.exchange(request).result.get()
        guard response.status == 200 else {
            throw NotStarted(command: "\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
        return JSONAnswer(response.body)
    }
}

/// An answer that a test looks into.
public struct JSONAnswer: Sendable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// All of it at once, for an answer of many rows.
    public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The value at a path of names and indexes: `["entries", 0, "kind"]`.
    public func callAsFunction<Value>(_ path: any Hashable..., as type: Value.Type = Value.self) -> Value? {
        var value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        for step in path {
            switch step {
            case let name as String: value = (value as? [String: Any])?[name]
            case let index as Int:
                let list = value as? [Any] ?? []
                value = list.indices.contains(index) ? list[index] : nil
            default: return nil
            }
        }
        return value as? Value
    }

    public func count(_ path: any Hashable...) -> Int {
        var value = try? JSONSerialization.jsonObject(with: Data(bytes))
        for step in path { value = (value as? [String: Any])?[step as? String ?? ""] }
        return (value as? [Any])?.count ?? 0
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
