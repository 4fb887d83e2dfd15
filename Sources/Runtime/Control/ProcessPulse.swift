internal import Domain
internal import HTTPServer
internal import JSON
internal import Synchronization

/// Whether this process gets on at all: a task that turns every second, on the threads on which everything else runs.
///
/// It asks nobody. A log or a database that is away leaves it turning, because a restart would not bring them back.
final class ProcessPulse: Sendable {
    static let every: Duration = .seconds(1)
    /// An older turn is a process that stands.
    static let maximumAge: Duration = .seconds(10)

    private let turnedAt = Mutex(ContinuousClock.now)

    var age: Duration { turnedAt.withLock { ContinuousClock.now - $0 } }

    func run() async {
        while !Task.isCancelled {
            turnedAt.withLock { $0 = .now }
            do { try await Task.sleep(for: Self.every) } catch { return }
        }
    }
}

/// What the port tells whoever starts and ends processes.
extension PortDesk {
    /// 503 is a reason to end this process and begin it anew.
    func liveness() -> HTTPServerResponse {
        let age = pulse.age
        return answer(age < ProcessPulse.maximumAge ? "ok" : "stalled", isGood: age < ProcessPulse.maximumAge) { json in
            json.key("loop_age_ms")
            json.integer(age.components.seconds * 1_000 + age.components.attoseconds / 1_000_000_000_000_000)
        }
    }

    /// 503 until every role has begun: what it waits for after that is for `/readyz`.
    func startup() -> HTTPServerResponse {
        let waiting = roles.filter { house.board.parts(of: $0).isEmpty }.map(\.rawValue)
        return answer(waiting.isEmpty ? "ok" : "not_started", isGood: waiting.isEmpty) { json in
            json.key("waiting")
            json.array { json in for role in waiting { json.string(role) } }
        }
    }

    private func answer(_ status: String, isGood: Bool, _ more: (inout JSONWriter) -> Void) -> HTTPServerResponse {
        var json = JSONWriter()
        json.object { json in
            json.key("status")
            json.string(status)
            json.key("process")
            json.string(house.process)
            more(&json)
        }
        return .json(json.finish(), status: isGood ? 200 : 503)
    }
}
