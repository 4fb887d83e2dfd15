internal import Core
internal import Domain

/// What the lane knows of one open run beside the log: which id the runner gave it, and what it was last told.
struct BacktestTurn: Sendable {
    /// Where the runner answers for it; `nil` until it took the run in, in this life.
    var runnerID: String?
    /// Answers in a row that the runner does not know the run.
    var missing = 0
    /// Questions in a row without an answer.
    var silent = 0
    var nextAt: Timestamp = .earliest
    /// When the runner last said that the run waits its turn there.
    var waitedAt: Timestamp?

    /// Whether the run took too long, given what was just said of it.
    ///
    /// Counted from its start; before that, from when
    /// it was asked for or was last known to wait. An end that is just told is never too late.
    func isLate(
        _ run: BacktestRun, _ verdict: BacktestVerdict, after limit: Duration, at now: Timestamp
    ) -> Bool {
        switch verdict {
        case .accepted, .started, .ended: return false
        case .wait, .silent, .lost:
            guard let end = (run.startedAt ?? waitedAt ?? run.submittedAt).advanced(by: limit) else { return false }
            return now >= end
        }
    }
}

/// What is to be done about a run, decided from its state and from what the runner just said; pure.
enum BacktestVerdict: Equatable {
    /// Nothing new.
    case wait
    case started(at: Timestamp)
    case ended(BacktestRun)
    /// The runner has it under this name.
    case accepted(id: String)
    case lost
    case silent

    /// Which HTTP answers refuse a run for good: asked again they would say the same.
    static let refusals: Set<Int64> = [400, 404, 409, 413, 415, 422]

    static func onSubmit(_ reply: Result<[UInt8], LaneFault>, _ run: BacktestRun, at now: Timestamp) -> BacktestVerdict
    {
        switch reply {
        case .failure(let fault):
            guard let status = fault.status, refusals.contains(status) else { return .silent }
            return .ended(run.failed(.backtestFailed, RunnerAnswer.detail(of: fault.body) ?? fault.reason, at: now))
        case .success(let body):
            do throws(LaneFault) {
                let answer = try RunnerAnswer(body)
                if let hash = answer.reproducibilityHash, hash != "\(run.reproducibilityHash)" {
                    return .ended(
                        run.failed(.backtestFailed, "the runner read another configuration: \(hash)", at: now))
                }
                return .accepted(id: answer.id)
            } catch { return .ended(run.failed(.backtestFailed, error.reason, at: now)) }
        }
    }

    static func onPoll(_ reply: Result<[UInt8], LaneFault>, _ run: BacktestRun, at now: Timestamp) -> BacktestVerdict {
        let answer: RunnerAnswer
        do throws(LaneFault) { answer = try RunnerAnswer(reply.get()) } catch {
            if error.status == 404, RunnerAnswer.code(of: error.body) == "backtest_not_found" { return .lost }
            guard error.failure == .contractViolation else { return .silent }
            return .ended(run.failed(.backtestFailed, error.reason, at: now))
        }
        switch answer.status {
        case .queued: return .wait
        case .running: return run.status == .running ? .wait : .started(at: now)
        case .completed: return .ended(run.completed(answer, at: now))
        case .failed:
            let known = answer.failure.flatMap(BacktestFailure.init(rawValue:)) ?? .backtestFailed
            return .ended(run.failed(known, answer.reason ?? "the runner gave no reason", answer, at: now))
        case .cancelled:
            var ended = run.failed(nil, answer.reason ?? "cancelled", answer, at: now)
            ended.status = .cancelled
            return .ended(ended)
        }
    }
}

extension BacktestRun {
    func started(at now: Timestamp) -> BacktestRun {
        var run = self
        run.status = .running
        run.startedAt = now
        return run
    }

    func failed(
        _ failure: BacktestFailure?, _ why: String, _ answer: RunnerAnswer? = nil, at now: Timestamp
    ) -> BacktestRun {
        var run = self
        run.status = .failed
        run.failureTaxonomy = failure
        run.reason = Self.prose(why)
        run.completedAt = now
        run.deterministicReplayPassed = answer?.deterministic
        run.authorityMode = answer?.authority
        return run
    }

    /// A result without its hashes, or one that differed from itself, is none.
    func completed(_ answer: RunnerAnswer, at now: Timestamp) -> BacktestRun {
        guard answer.deterministic != false else {
            return failed(.replayNondeterministic, "two runs of one configuration differ", answer, at: now)
        }
        guard let hash = answer.replayHash, answer.deterministic == true else {
            return failed(.missingReproArtifacts, "the result lacks its hashes", answer, at: now)
        }
        var run = self
        run.status = .completed
        run.startedAt = run.startedAt ?? now
        run.completedAt = now
        run.resultJSON = answer.result
        run.artifactsJSON = answer.artifacts
        run.replayHash = hash
        run.deterministicReplayPassed = true
        run.authorityMode = answer.authority
        return run
    }

    /// A stranger's words, cut and cleaned until they are prose.
    private static func prose(_ text: String) -> Prose? {
        let clean = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
        do { return try Prose(String(String(clean).prefix(400))) } catch { return nil }
    }
}
