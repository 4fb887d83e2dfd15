import Core
import JSON
import Synchronization
import Telemetry

/// How often each operation was asked for, how often it failed and of what, and how long it took.
///
/// Said twice, from one count: as the contract's `/v1/observability`, and for Prometheus.
final class Observations: Sendable {
    struct Tally: Sendable {
        var requests: UInt64 = 0
        var failures: UInt64 = 0
        var taxonomies: [RunnerFault.Taxonomy: UInt64] = [:]
        var lastMicroseconds: Int64 = 0
        var totalMicroseconds: Int64 = 0

        mutating func add(_ microseconds: Int64, _ failure: RunnerFault.Taxonomy?) {
            requests += 1
            lastMicroseconds = microseconds
            totalMicroseconds += microseconds
            guard let failure else { return }
            failures += 1
            taxonomies[failure, default: 0] += 1
        }

        func write(to json: inout JSONWriter) {
            json.key("requests_total")
            json.integer(requests)
            json.key("failures_total")
            json.integer(failures)
            json.key("latency_ms_last")
            json.raw(Observations.milliseconds(lastMicroseconds))
            json.key("latency_ms_avg")
            json.raw(Observations.milliseconds(requests == 0 ? 0 : totalMicroseconds / Int64(requests)))
        }
    }

    private struct State {
        var all = Tally()
        var each: [Operation: Tally] = [:]
        var routes: [String] = []
    }

    private let state = Mutex(State())
    private let metrics: RunnerMetrics

    init(_ metrics: RunnerMetrics) { self.metrics = metrics }

    /// A route that this runner has, as `GET /healthz`.
    func declare(_ route: String) { state.withLock { $0.routes.append(route) } }

    var routes: [String] { state.withLock { $0.routes } }

    func note(_ operation: Operation, took: Duration, failure: RunnerFault.Taxonomy?) {
        let microseconds = Int64(took / .microseconds(1))
        state.withLock { state in
            state.all.add(microseconds, failure)
            state.each[operation, default: Tally()].add(microseconds, failure)
        }
        metrics.requests.labelled(operation.rawValue).increment()
        metrics.latency.labelled(operation.rawValue).observe(took)
        if let failure { metrics.failures.labelled(operation.rawValue, failure.rawValue).increment() }
    }

    /// The object `metrics`: the contract's four numbers, and the same for each operation.
    func write(to json: inout JSONWriter) {
        let state = state.withLock { $0 }
        json.object { json in
            state.all.write(to: &json)
            json.key("operations")
            json.object { json in
                for (operation, tally) in state.each.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    json.key(operation.rawValue)
                    json.object { json in
                        tally.write(to: &json)
                        json.key("failures")
                        json.object { json in
                            for (taxonomy, count) in tally.taxonomies.sorted(by: { $0.key.rawValue < $1.key.rawValue })
                            {
                                json.key(taxonomy.rawValue)
                                json.integer(count)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Milliseconds with three digits behind the point.
    private static func milliseconds(_ microseconds: Int64) -> [UInt8] {
        let rest = String(microseconds % 1_000)
        return Array("\(microseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)".utf8)
    }
}
