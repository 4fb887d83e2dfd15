import Foundation
import HTTPClient
import TestSupport
import Testing

/// Debian's Prometheus with the rules of the house, which scrapes programs that run, and ends with its owner.
final class WatchingPrometheus {
    static let deploy = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy").standardizedFileURL.path

    private let process = Process()
    private let folder = TemporaryFolder()
    private(set) var port = 0

    var address: String { "http://127.0.0.1:\(port)" }

    /// Targets by job.
    ///
    /// Two scrapes and a look at the rules each second: what needs minutes elsewhere is there in seconds.
    init(_ targets: [(job: String, address: String)]) async throws {
        var text = """
            global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s}
            rule_files: ["\(Self.deploy)/prometheus/rules/*.yml"]
            scrape_configs:

            """
        for (job, address) in targets {
            let host = address.replacing("http://", with: "")
            text += """
                  - job_name: \(job)
                    static_configs: [{targets: ["\(host)"], labels: {instance: "\(job)-0"}}]

                """
        }
        let (configuration, said) = (folder.path + "/prometheus.yml", folder.path + "/said")
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        try Data().write(to: URL(filePath: said))
        process.executableURL = URL(filePath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data",
            "--web.listen-address=127.0.0.1:0",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: said)
        try process.run()
        port = try await Self.port(of: process, in: said)
        try await eventually("a Prometheus that is ready") { try await get("/-/ready").status == 200 }
    }

    /// Where a Prometheus that was told to listen anywhere says that it does; one that says nothing is ended.
    static func port(of process: Process, in said: String) async throws -> Int {
        var port = 0
        do {
            try await eventually("Prometheus") {
                let text = try String(contentsOfFile: said, encoding: .utf8)
                try #require(process.isRunning, "\(text)")
                // The first such line repeats what was asked for; the second says what it got.
                let line = text.split(separator: "\n").last { $0.contains("\"Listening on\" address=127.0.0.1:") }
                port = line?.split(separator: ":").last.flatMap { Int($0) } ?? 0
                return port != 0
            }
        } catch {
            process.terminate()
            throw error
        }
        return port
    }

    deinit {
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
    }

    /// Waits until an expression has an answer.
    func eventuallyHas(_ what: String, _ expression: String) async throws {
        try await eventually(what) { try await !names(expression).isEmpty }
    }

    /// The label `name` of everything that an expression has now; its metric's name without one.
    func names(_ expression: String, _ name: String = "__name__") async throws -> [String] {
        let asked = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await get("/api/v1/query?query=\(asked)")
        try #require(answer.status == 200, "\(expression): \(String(decoding: answer.body, as: UTF8.self))")
        let found = try JSONDecoder().decode(Answer.self, from: Data(answer.body))
        return found.data.result.map { $0.metric[name] ?? "" }
    }

    private func get(_ path: String) async throws -> (status: Int, body: [UInt8]) {
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits(maximumResponseBytes: 16 << 20))
        let answer = try await pool.exchange(HTTPRequest(.get, address + path)).result.get()
        return (answer.status, answer.body)
    }

    private struct Answer: Decodable {
        struct Found: Decodable { let result: [One] }
        struct One: Decodable { let metric: [String: String] }
        let data: Found
    }
}

/// What judges the files beside the programs: one word of `deploy/prometheus/judge.py`, or another script there.
enum Watcher {
    static func judge(_ script: String, _ arguments: String..., environment: [String] = []) async throws
        -> Judge.Verdict
    {
        let path = "\(WatchingPrometheus.deploy)/\(script)"
        let command = environment + ["/usr/bin/python3", "-B", path] + arguments
        return try await aside { try Judge.run("env", command) }
    }
}
