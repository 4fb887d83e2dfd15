internal import Core
internal import Domain
internal import Synchronization

/// Asks the runner beside the fold: a bounded queue, a bounded number of calls, and a bounded time for each.
///
/// It belongs to one life of a lane. What it has in hand when that life ends is asked again by the next one, because
/// the log has no answer of it.
final class AskingDesk<Craft: LaneCraft>: Sendable {
    typealias Question = Craft.Book.Question

    struct Finished: Sendable {
        let question: Question
        let content: DomainEvent
    }

    private struct State {
        /// Those before `next` are gone.
        var waiting: [(question: Question, since: Duration)] = []
        var next = 0
        var asking = 0
        var finished: [Finished] = []
        var tasks: [Int: Task<Void, Never>] = [:]
        var serial = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let context: LaneContext<Craft>

    init(_ context: LaneContext<Craft>) { self.context = context }

    var waiting: Int { state.withLock { $0.waiting.count - $0.next } }
    var asking: Int { state.withLock { $0.asking } }
    var isBusy: Bool { state.withLock { $0.asking > 0 || !$0.finished.isEmpty || $0.next < $0.waiting.count } }

    /// False when the queue is full: then nobody asks it.
    func offer(_ question: Question) -> Bool {
        let now = context.time.uptime()
        let isTaken = state.withLock { state in
            guard state.waiting.count - state.next < context.limits.queue else { return false }
            state.waiting.append((question, now))
            return true
        }
        if isTaken { start() }
        return isTaken
    }

    /// Everything that waits, out of the queue; calls that are under way go on.
    func takeWaiting() -> [Question] {
        state.withLock { state in
            defer { (state.waiting, state.next) = ([], 0) }
            return state.waiting[state.next...].map(\.question)
        }
    }

    func takeFinished() -> [Finished] {
        state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
    }

    /// Ends calls that are under way; nothing of them is written.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosed = true
            return state.tasks.values.map { $0 }
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func start() {
        state.withLock { state in
            while !state.isClosed, state.asking < context.limits.concurrency, state.next < state.waiting.count {
                let (question, since) = state.waiting[state.next]
                state.next += 1
                // What was taken is given back now and then, not each time.
                if state.next > 1_024, state.next * 2 > state.waiting.count {
                    state.waiting.removeFirst(state.next)
                    state.next = 0
                }
                state.asking += 1
                state.serial += 1
                let number = state.serial
                state.tasks[number] = Task { await work(question, since, number) }
            }
        }
    }

    private func work(_ question: Question, _ since: Duration, _ number: Int) async {
        let content = await ask(question, since)
        state.withLock { state in
            state.asking -= 1
            state.tasks[number] = nil
            if let content, !state.isClosed {
                state.finished.append(Finished(question: question, content: content))
            }
        }
        start()
    }

    /// `nil` when the life ended meanwhile.
    ///
    /// The question's time began when it was put into the queue.
    private func ask(_ given: Question, _ start: Duration) async -> DomainEvent? {
        let question: Question
        do throws(LaneFault) {
            guard context.time.uptime() - start < context.limits.deadline else {
                throw LaneFault(.timeout, reason: "its time was over before anybody could be asked")
            }
            question = try await context.craft.prepared(given)
        } catch {
            return Task.isCancelled ? nil : context.craft.failure(of: given, LaneFailed(error, tries: 0))
        }
        if let content = context.craft.answerUnasked(question) { return content }
        let (body, correlation) = (context.craft.body(of: question), context.craft.correlation(of: question))
        var tries: Int64 = 0
        while true {
            let left = context.limits.deadline - (context.time.uptime() - start)
            guard !Task.isCancelled else { return nil }
            tries += 1
            let reply = await context.runner.post(
                context.craft.path, body, correlationID: correlation,
                within: min(max(left, .milliseconds(1)), context.limits.callTimeout))
            guard !Task.isCancelled else { return nil }
            let fault: LaneFault
            do throws(LaneFault) {
                return try context.craft.answer(
                    to: question, try reply.result.get(), latencyMicroseconds: reply.latencyMicroseconds)
            } catch { fault = error }
            let pause = context.limits.pause * Int(tries)
            let isOver =
                !fault.isWorthAnotherTry || tries >= Int64(context.limits.tries)
                || context.time.uptime() - start + pause >= context.limits.deadline
            guard isOver else {
                // Cancelled: the life ends.
                do { try await Task.sleep(for: pause) } catch { return nil }
                continue
            }
            return context.craft.failure(
                of: question,
                LaneFailed(fault, tries: tries, latencyMicroseconds: reply.latencyMicroseconds))
        }
    }
}

extension LaneFault {
    /// Nobody there, nobody answers, or trouble on the other side: a moment later it may be over.
    var isWorthAnotherTry: Bool {
        switch failure {
        case .timeout, .networkError: true
        case .httpError: status.map { $0 >= 500 || $0 == 429 } ?? false
        default: false
        }
    }
}
