import Core
import Synchronization
import Threading

/// The one place where scenarios begin and end, whether a button or a command line asks: one at a time.
final class ScenarioDesk: Sendable {
    struct Line: Sendable {
        let number: Int
        let at: Timestamp
        let scenario: Scenario
        let text: String
    }

    private struct State {
        var running: (scenario: Scenario, since: Timestamp, number: Int)?
        var task: Task<Void, Never>?
        var count = 0
        var lines: [Line] = []
        var lineCount = 0
    }

    /// So many lines are remembered.
    static let keptLines = 1_000

    private let state = Mutex(State())
    private let time = SystemTime()
    let sources: ScenarioSources

    init(_ sources: ScenarioSources) { self.sources = sources }

    enum Refusal: Error {
        /// Another one goes on.
        case busy(Scenario)
        case impossible(String)
    }

    /// Starts one; calm ends what goes on, and is over when that is.
    func start(_ scenario: Scenario, _ wishes: ScenarioWishes) async throws(Refusal) {
        guard scenario != .calm else { return await calm(wishes.asking) }
        if let missing = scenario.missing(in: sources, wishes) { throw .impossible(missing) }
        let number = state.withLock { state -> Int? in
            guard state.running == nil else { return nil }
            state.count += 1
            state.running = (scenario, time.now(), state.count)
            return state.count
        }
        guard let number else { throw .busy(state.withLock { $0.running?.scenario } ?? .calm) }
        say("begins: \(scenario.what)" + (wishes.asking.map { " (\($0))" } ?? ""), of: scenario)
        let stage = ScenarioStage(
            scenario: scenario, sources: sources, product: wishes.product ?? sources.product(),
            limit: wishes.limit ?? scenario.limit
        ) { [weak self] in self?.say($0, of: scenario) }
        let task = Task { [weak self] in
            await stage.play()
            self?.end(number, scenario)
        }
        state.withLock { state in
            if state.running?.number == number { state.task = task }
        }
    }

    /// Ends what goes on, and heals what it may have left.
    func calm(_ asking: String? = nil) async {
        let task = state.withLock { $0.task }
        task?.cancel()
        await task?.value
        sources.heal()
        say("every fault is over" + (asking.map { " (\($0))" } ?? ""), of: .calm)
    }

    private func end(_ number: Int, _ scenario: Scenario) {
        say("is over", of: scenario)
        state.withLock { state in
            guard state.running?.number == number else { return }
            (state.running, state.task) = (nil, nil)
        }
    }

    private func say(_ text: String, of scenario: Scenario) {
        let now = time.now()
        state.withLock { state in
            state.lineCount += 1
            state.lines.append(Line(number: state.lineCount, at: now, scenario: scenario, text: text))
            if state.lines.count > Self.keptLines { state.lines.removeFirst() }
        }
    }

    /// What goes on, and what was said after a line.
    func state(after number: Int) -> (running: (scenario: Scenario, since: Timestamp)?, lines: [Line], last: Int) {
        state.withLock { state in
            (
                state.running.map { ($0.scenario, $0.since) }, state.lines.filter { $0.number > number },
                state.lineCount
            )
        }
    }
}
