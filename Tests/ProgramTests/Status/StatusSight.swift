import Foundation
import TestSupport
import Testing

/// The control plane's status as somebody outside sees it.
struct StatusSight: Sendable {
    /// One thing that is wrong, as the status tells it.
    struct Fault: Sendable, CustomStringConvertible {
        let part: String
        let process: String?
        let what: String
        let because: String?
        var description: String {
            part + (process.map { " of \($0)" } ?? "") + ": " + what + (because.map { " (\($0))" } ?? "")
        }
    }

    let address: String

    static func address(of roles: RunningRoles) async throws -> String {
        var port = 0
        try await eventually("a listening API") {
            for line in try roles.text().split(separator: "\n") where line.contains("\"api_listening\"") {
                port = try fields(String(line))["port"] as? Int ?? 0
            }
            return port != 0
        }
        return "http://127.0.0.1:\(port)"
    }

    func read(_ path: String = "/api/agents/control-plane/status?namespace=agents") async throws -> [String: Any] {
        try await timed(path).said
    }

    /// An answer, and how many seconds curl waited for it: that curl itself was started late is not the API's fault.
    func timed(_ path: String) async throws -> (said: [String: Any], took: Double) {
        let arguments = [
            "-sS", "--max-time", "5", "-w", "\n%{time_total}", "-H", "Authorization: Bearer reader-token-0123456",
            address + path,
        ]
        let output = try await aside { try Judge.run("curl", arguments).output }
        let cut = output.lastIndex(of: "\n") ?? output.startIndex
        let took = Double(output[cut...].dropFirst()) ?? .infinity
        let said = try JSONSerialization.jsonObject(with: Data(output[..<cut].utf8)) as? [String: Any]
        return (try #require(said, "\(output.prefix(400))"), took)
    }

    func faults() async throws -> [Fault] {
        let said = try await read()
        let list = try #require(said["degraded"] as? [[String: Any]], "\(said)")
        return list.map { one in
            Fault(
                part: one["part"] as? String ?? "", process: one["process"] as? String,
                what: one["what"] as? String ?? "", because: one["because"] as? String)
        }
    }

    /// How long it took; the test fails when that is too long.
    @discardableResult
    func waits(
        within limit: Duration, for what: String, _ condition: ([Fault]) -> Bool
    ) async throws -> (took: Duration, faults: [Fault]) {
        let start = ContinuousClock.now
        while true {
            let faults = try await faults()
            let took = ContinuousClock.now - start
            if condition(faults) { return (took, faults) }
            try #require(took < limit, "\(what) did not come; there is \(faults)")
            try await Task.sleep(for: .milliseconds(150))
        }
    }
}

/// One part stopped in one way: what the status has to name, and how it is brought back.
struct StopLine {
    let part: String
    let how: String
    /// What is named, and nothing else but what leans on it.
    let named: Set<String>
    let stop: () async throws -> Void
    let heal: () async throws -> Void

    init(
        _ part: String, _ how: String, names named: String..., stop: @escaping () async throws -> Void,
        heal: @escaping () async throws -> Void
    ) {
        (self.part, self.how, self.stop, self.heal) = (part, how, stop, heal)
        self.named = Set(named)
    }

    /// From the stop to the word, and from the return to the end of the word.
    static let limit: Duration = .seconds(15)
    /// So long it is looked on whether anything else turns red.
    static let watched: Duration = .seconds(3)

    static let header =
        "| part | how | named after | back after | others that say what they wait for | words |\n|---|---|---|---|---|---|"

    /// Stops, looks, heals and looks again; the answer is a line of the table.
    func play(_ sight: StatusSight, backWithin: Duration = StopLine.limit) async throws -> String {
        func own(_ faults: [StatusSight.Fault]) -> Set<String> { Set(faults.filter { $0.because == nil }.map(\.part)) }
        try await stop()
        let (named, _) = try await sight.waits(within: .seconds(40), for: "a word of \(part) (\(how))") {
            own($0) == self.named
        }
        #expect(named <= Self.limit, "\(part), \(how): named after \(named)")
        var last: [StatusSight.Fault] = []
        let end = ContinuousClock.now + Self.watched
        while ContinuousClock.now < end {
            last = try await sight.faults()
            #expect(own(last) == self.named, "\(part), \(how): \(last)")
            try await Task.sleep(for: .milliseconds(300))
        }
        try await heal()
        let (back, _) = try await sight.waits(within: .seconds(90), for: "the return of \(part) (\(how))") {
            $0.isEmpty
        }
        #expect(back <= backWithin, "\(part), \(how): back after \(back)")
        let words = last.filter { $0.because == nil }.map { "\($0.part): \($0.what)" }.joined(separator: "; ")
        let others = last.filter { $0.because != nil }.map { "\($0.part) (\($0.because ?? ""))" }.joined(
            separator: ", ")
        return "| \(part) | \(how) | \(Self.seconds(named)) | \(Self.seconds(back)) | \(others) | \(words) |"
    }

    private static func seconds(_ duration: Duration) -> String {
        String(format: "%.1f s", duration / .seconds(1))
    }
}
