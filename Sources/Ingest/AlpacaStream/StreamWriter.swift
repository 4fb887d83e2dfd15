internal import Core
internal import Domain

/// Writes what came, one append at a time, and says in between how the stream is.
///
/// An append that fails because the log is away is repeated until it lands; while it is under way the next one gathers
/// in the buffer, and when that is full nothing more is read. An append whose outcome is unknown is repeated too: the
/// order feed tells twins.
actor StreamWriter {
    private let context: StreamContext
    private let buffer: StreamBuffer
    private let standing: StandingDesk
    private let reach: StreamReach
    private let hold: StreamHold
    private let name: String
    private var writer: any EventWriter
    /// It was opened again, and nobody has looked since who has the stream.
    private var isUnchecked = false
    private var lease: StreamLease
    private var failures = 0
    private var probedAt: Duration
    /// After the end was asked for, until when the log is tried again; no bound of the append that is under way.
    private var drainEnd: Duration?

    private var limits: StreamLimits { context.limits }

    init(
        _ context: StreamContext, _ writer: any EventWriter, _ lease: StreamLease, _ buffer: StreamBuffer,
        _ standing: StandingDesk, _ reach: StreamReach, _ hold: StreamHold
    ) {
        self.context = context
        self.writer = writer
        self.lease = lease
        self.buffer = buffer
        self.standing = standing
        self.reach = reach
        self.hold = hold
        name = StreamNames.writer(of: context.place.account)
        probedAt = context.time.uptime()
    }

    /// The lease is on the log before anybody dials.
    func takeLease() async throws(LogError) {
        try await say(.held(isReady: false))
        context.observer.noted(.leaseTaken(epoch: lease.epoch, completeUntil: reach.until))
    }

    /// Runs until the buffer is finished and empty, or the log does not go on.
    func run() async throws(LogError) {
        while true {
            let mark = buffer.mark
            let isEnding = buffer.isFinished
            let items = buffer.take()
            do throws(LogError) {
                if !items.isEmpty {
                    try await write(items)
                } else if isEnding {
                    return try await say(.over)
                } else if lease.isDue(isReady: standing.now.isReady) {
                    try await say(.held(isReady: standing.now.isReady))
                } else {
                    try await idle(after: mark)
                }
            } catch {
                guard isEnding || buffer.isFinished, error.mayPass else { throw error }
                context.observer.noted(.leftBehind(updates: items.count + buffer.count))
                return
            }
        }
    }

    func close() async { await writer.close() }

    private func write(_ items: [StreamBuffer.Item]) async throws(LogError) {
        let start = context.time.uptime()
        var append = Append(items.flatMap(\.records))
        let isReady = standing.now.isReady
        let word: StreamLease.Word? = lease.isDue(isReady: isReady) ? .held(isReady: isReady) : nil
        if let word {
            let said = lease.word(word, completeUntil: reach.until)
            append.records += said.records
            append.positions += said.positions
        }
        let made = context.time.uptime()
        if !append.records.isEmpty {
            let places = try await land(append)
            if let word { said(word, made, places) }
        }
        if let connection = reach.take(items) {
            standing.change { standing in
                // A gap that was closed for a connection which has ended meanwhile says nothing of the next one.
                guard standing.connection == connection else { return }
                standing.isWhole = true
                standing.trouble = nil
            }
        }
        var counts = StreamCounts()
        counts.live = items.count { $0.origin == .stream }
        counts.asked = items.count { $0.origin == .rest }
        context.observer.committed(counts, took: context.time.uptime() - start)
        context.observer.buffered(buffer.count)
    }

    private func say(_ word: StreamLease.Word) async throws(LogError) {
        let made = context.time.uptime()
        let places = try await land(lease.word(word, completeUntil: reach.until))
        said(word, made, places)
    }

    private func said(_ word: StreamLease.Word, _ made: Duration, _ places: [RecordPosition]) {
        lease.said(word, made: made, at: places)
        hold.holds(until: lease.ends)
    }

    /// Nothing to write: now and then a look whether another process has taken over.
    private func idle(after mark: Int) async throws(LogError) {
        let sinceProbe = context.time.uptime() - probedAt
        if sinceProbe >= limits.fenceProbe {
            _ = try await land(lease.probe)
            return
        }
        await buffer.wait(after: mark, min(lease.rest, limits.fenceProbe - sinceProbe))
    }

    private func land(_ append: Append) async throws(LogError) -> [RecordPosition] {
        var backoff = Backoff(
            Backoff.Limits(
                first: limits.firstRetry, longest: limits.longestRetry, attempts: .max, total: .seconds(1 << 40)))
        var random = SystemRandomNumberGenerator()
        while true {
            do throws(LogError) {
                let places = try await attempt(append)
                probedAt = context.time.uptime()
                failures = 0
                standing.change { $0.isLogAway = false }
                return places
            } catch {
                context.observer.noted(.appendFailed(error))
                try await recover(from: error)
                var pause = limits.longestRetry
                do { pause = try backoff.next(using: &random) } catch { pause = limits.longestRetry }
                try await rest(pause, after: error)
            }
        }
    }

    /// One append; while it takes too long the log counts as away.
    private func attempt(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try await checkLease()
        let watchdog = Task { [standing, patience = limits.appendPatience] in
            // A wait that is cancelled was not needed.
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            standing.change { standing in
                standing.isLogAway = true
                standing.logTrouble = .kafkaProduce
            }
        }
        let outcome: Result<[RecordPosition], LogError>
        do throws(LogError) { outcome = .success(try await writer.append(append)) } catch { outcome = .failure(error) }
        watchdog.cancel()
        // What it says comes before what the append says.
        await watchdog.value
        return try outcome.get()
    }

    /// Throws what is not to be tried again.
    private func recover(from error: LogError) async throws(LogError) {
        failures += 1
        // What does not pass by itself is said at once: an operator has to mend it.
        if failures >= limits.failuresUntilAway || error.disposition == .reject {
            standing.change { standing in
                standing.isLogAway = true
                standing.logTrouble = StreamTrouble(error)
            }
        }
        guard error.mayPass else { throw error }
        context.observer.buffered(buffer.count)
        // A writer may be bound to a process that is gone.
        if error.disposition == .reopen || failures >= limits.failuresUntilAway { try await reopen() }
    }

    /// Opens the writer again, unless another process has taken the lease meanwhile: opening would fence it.
    private func reopen() async throws(LogError) {
        do throws(LogError) {
            try await look()
            let opened = try await context.log.writer(named: name)
            await writer.close()
            writer = opened
            isUnchecked = true
        } catch {
            // The log is still away: the next failure tries again.
            guard error.mayPass else { throw error }
        }
    }

    /// Once more behind the opening: the other one may have come between the look and it.
    private func checkLease() async throws(LogError) {
        guard isUnchecked else { return }
        try await look()
        isUnchecked = false
    }

    private func look() async throws(LogError) {
        guard try await StreamLease.read(context).lease.epoch <= lease.epoch + 1 else {
            throw LogError(.append, .fenced(writer: name))
        }
    }

    /// In short naps, so that an end that is asked for is heard of.
    private func rest(_ pause: Duration, after error: LogError) async throws(LogError) {
        var left = pause
        while left > .zero {
            if buffer.isFinished {
                let end = drainEnd ?? context.time.uptime() + limits.drain
                drainEnd = end
                if context.time.uptime() >= end { throw error }
            }
            let nap = min(left, .milliseconds(100))
            // This task is never cancelled: it ends with the buffer.
            do { try await Task.sleep(for: nap) } catch { return }
            left -= nap
        }
    }
}

extension LogError {
    var isFenced: Bool {
        if case .fenced = reason { true } else { false }
    }

    /// Whether the same may succeed later; a topic that is not there may be made.
    fileprivate var mayPass: Bool {
        switch reason {
        case .fenced: false
        case .unknownTopic, .unknownPartition: true
        default: disposition == .retry || disposition == .reopen
        }
    }
}
