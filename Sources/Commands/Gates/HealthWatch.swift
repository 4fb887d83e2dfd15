internal import Adapters
internal import Core
internal import Domain
internal import Synchronization
internal import Wire

/// Asks every adapter again and again how it is, whether it was well or ill before.
final class HealthWatch: Sendable {
    /// What an adapter said, or that it said nothing in time.
    struct Answer: Sendable {
        let adapter: Adapter
        let health: HealthState
        let observedAt: Timestamp
        let call: CallRecord
        let detail: Code?
    }

    private let adapters: [any OrderAdapter]
    private let every: Duration
    private let time: any TimeSource
    private let answers = Mutex<[Answer]>([])
    private let asked = Mutex<Set<String>>([])

    /// Three questions within the age that an answer may have.
    init(_ adapters: [any OrderAdapter], maximumAge: Duration, time: any TimeSource) {
        self.adapters = adapters
        every = min(maximumAge / 3, .seconds(5))
        self.time = time
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for adapter in adapters { group.addTask { await self.ask(adapter) } }
        }
    }

    /// Whether each adapter has answered once, or let its time pass.
    var hasHeardAll: Bool { asked.withLock { $0.count } == adapters.count }

    func take() -> [Answer] {
        answers.withLock { answers in
            defer { answers = [] }
            return answers
        }
    }

    private func ask(_ adapter: any OrderAdapter) async {
        while !Task.isCancelled {
            let now = time.now()
            let call = CallTerms(
                correlationID: CorrelationID(trusted: "torghut-health-\(now.nanoseconds)"),
                deadline: now.advanced(by: every) ?? .latest)
            let answered = await adapter.health(call)
            guard !Task.isCancelled else { return }
            let (health, detail) = Self.reading(answered.verdict)
            // The moment of the question: an answer is no newer than that.
            let answer = Answer(
                adapter: adapter.adapter, health: health, observedAt: now, call: answered.call, detail: detail)
            answers.withLock { $0.append(answer) }
            asked.withLock { _ = $0.insert(adapter.adapter.rawValue) }
            // Cancelled: nobody asks any more.
            do { try await Task.sleep(for: every) } catch { return }
        }
    }

    private static func reading(_ verdict: HealthVerdict) -> (HealthState, Code?) {
        switch verdict {
        case .healthy: (.healthy, nil)
        case .unhealthy(let code): (.unhealthy, code)
        case .credentialsRefused: (.unhealthy, Code(trusted: "credentials_refused"))
        }
    }
}
