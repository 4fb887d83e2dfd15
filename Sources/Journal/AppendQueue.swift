internal import Core
internal import Synchronization

/// What waits for the writer thread.
struct Submission: Sendable {
    enum Work: Sendable {
        case append(EncodedAppend)
        case restore(Restoration)
        /// Looks at the state as it will be after everything before it, and says what to change.
        case change(@Sendable (JournalState) throws(LogError) -> [Change])
        case stop
    }

    let work: Work
    let writer: WriterToken?
    let bytes: Int
    /// Called once, on the writer thread, with the first offset of each run.
    let done: CheckedContinuation<Result<[Int64], LogError>, Never>
}

/// The bounded queue before the writer thread.
///
/// Who finds it full waits, in order, before anything is copied.
final class AppendQueue: Sendable {
    private struct State {
        var submissions: [Submission] = []
        var admitted = 0
        var admittedBytes = 0
        var waiting: [(bytes: Int, turn: CheckedContinuation<Void, Never>)] = []
        var asleep = false
        var ended = false
    }

    private let state = Mutex(State())
    private let doorbell = Doorbell()
    private let maximumAppends: Int
    private let maximumBytes: Int

    init(appends: Int, bytes: Int) {
        maximumAppends = appends
        maximumBytes = bytes
    }

    /// How many the writer thread has not taken yet; for tests that need a queue of known length.
    var submitted: Int { state.withLock { $0.submissions.count } }

    /// Waits until an append of this size may come in.
    func admit(_ bytes: Int) async {
        let entered = state.withLock { $0.waiting.isEmpty && enter(&$0, bytes) }
        if entered { return }
        await withCheckedContinuation { turn in
            let now = state.withLock { state in
                if state.waiting.isEmpty && enter(&state, bytes) { return true }
                state.waiting.append((bytes, turn))
                return false
            }
            if now { turn.resume() }
        }
    }

    private func enter(_ state: inout State, _ bytes: Int) -> Bool {
        let fits = state.admitted < maximumAppends && state.admittedBytes + bytes <= maximumBytes
        guard fits || state.admitted == 0 else { return false }
        state.admitted += 1
        state.admittedBytes += bytes
        return true
    }

    /// Gives back the room of finished appends and lets in who waited longest.
    func leave(_ count: Int, _ bytes: Int) {
        let turns = state.withLock { state in
            state.admitted -= count
            state.admittedBytes -= bytes
            var turns: [CheckedContinuation<Void, Never>] = []
            var entered = 0
            while entered < state.waiting.count, enter(&state, state.waiting[entered].bytes) {
                turns.append(state.waiting[entered].turn)
                entered += 1
            }
            state.waiting.removeFirst(entered)
            return turns
        }
        for turn in turns { turn.resume() }
    }

    /// False when the writer has ended: nobody will look at it any more.
    func submit(_ submission: Submission) -> Bool {
        let (taken, wake) = state.withLock { state in
            if state.ended { return (false, false) }
            state.submissions.append(submission)
            defer { state.asleep = false }
            return (true, state.asleep)
        }
        if wake { doorbell.ring() }
        return taken
    }

    /// The next submissions in order, up to so many bytes; sleeps while there are none.
    func take(_ bytes: Int) -> [Submission] {
        while true {
            let taken: [Submission] = state.withLock { state in
                var count = 0
                var total = 0
                while count < state.submissions.count, count == 0 || total + state.submissions[count].bytes <= bytes {
                    total += state.submissions[count].bytes
                    count += 1
                }
                let taken = Array(state.submissions[..<count])
                state.submissions.removeFirst(count)
                state.asleep = taken.isEmpty
                return taken
            }
            if !taken.isEmpty { return taken }
            doorbell.wait()
        }
    }

    /// Refuses everything from now on and hands out what was still waiting.
    func end() -> [Submission] {
        state.withLock { state in
            state.ended = true
            defer { state.submissions.removeAll() }
            return state.submissions
        }
    }
}
