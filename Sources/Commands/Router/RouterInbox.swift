internal import Domain
internal import Synchronization
internal import Threading

/// What waits for a partition's owner: answers of its calls, wishes of people, and that it should end.
///
/// Answers are as many as there are calls, which are limited where they are made; wishes have a limit of their own.
final class RouterInbox: Sendable {
    private struct State {
        var answers: [RouterInput] = []
        var wishes: [RouterInput] = []
        var calls = 0
        var isEnding = false
        var hasRoom = false
    }

    private let state = Mutex(State())
    private let arrivals = Arrivals()
    private let maximumWishes: Int

    init(maximumWishes: Int) { self.maximumWishes = maximumWishes }

    var arrived: Int { arrivals.count }

    func wait(after seen: Int, until deadline: ContinuousClock.Instant) async {
        await arrivals.wait(after: seen, until: deadline)
    }

    /// Something else is worth a look: records were read.
    func wake() { arrivals.wake() }

    /// An adapter has a place again, for whoever waits for one.
    func offerRoom() {
        state.withLock { $0.hasRoom = true }
        arrivals.wake()
    }

    /// Whether a place was offered since the last time.
    func takeRoom() -> Bool {
        state.withLock { state in
            defer { state.hasRoom = false }
            return state.hasRoom
        }
    }

    func begin() { state.withLock { $0.calls += 1 } }

    /// A call ended with this to tell, or with nothing.
    func end(_ answer: RouterInput?) {
        state.withLock { state in
            state.calls -= 1
            if let answer { state.answers.append(answer) }
        }
        arrivals.wake()
    }

    func wish(_ wish: RouterInput) -> Bool {
        let isTaken = state.withLock { state in
            guard state.wishes.count < maximumWishes, !state.isEnding else { return false }
            state.wishes.append(wish)
            return true
        }
        if isTaken { arrivals.wake() }
        return isTaken
    }

    /// Tells again, before everything else, what was taken and may not be on the log.
    ///
    /// What is on it all the same is told twice, and says nothing new then.
    func giveBack(_ inputs: [RouterInput]) {
        guard !inputs.isEmpty else { return }
        state.withLock { $0.answers.insert(contentsOf: inputs, at: 0) }
        arrivals.wake()
    }

    func close() {
        state.withLock { $0.isEnding = true }
        arrivals.wake()
    }

    /// Answers that nobody took in yet.
    var answers: [RouterInput] { state.withLock { $0.answers } }
    var isEnding: Bool { state.withLock { $0.isEnding } }
    /// Calls on their way, and answers that nobody took in.
    var isQuiet: Bool { state.withLock { $0.calls == 0 && $0.answers.isEmpty } }

    /// Oldest first, no more than so many.
    func take(upTo limit: Int) -> [RouterInput] {
        state.withLock { state in
            let wishes = state.wishes
            state.wishes = []
            guard state.answers.count > limit else {
                defer { state.answers = [] }
                return state.answers + wishes
            }
            defer { state.answers.removeFirst(limit) }
            return Array(state.answers.prefix(limit)) + wishes
        }
    }
}
