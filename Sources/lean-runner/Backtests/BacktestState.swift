import Backtesting
import Core
import JSON

/// Everything the runner knows of a run; written whole at each step, so a kill leaves the step before or after.
struct BacktestState: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case queued
        case running
        case completed
        case failed
        case cancelled

        var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    struct Artifact: Sendable, Equatable {
        let name: String
        let contentType: String
        let bytes: Int
        let sha256: String
    }

    let id: String
    let lane: BacktestIdentity.Lane
    let reproducibilityHash: String
    let config: Document
    /// The `Idempotency-Key` of the submit that began the latest attempt.
    var submitKey: String?
    var status: Status
    /// Attempts that were begun, those that a kill cut off included.
    var attempts: Int64 = 0
    var submittedAt: Timestamp
    var startedAt: Timestamp?
    var completedAt: Timestamp?
    var result: Document?
    var artifacts: [Artifact] = []
    var replayHash: String?
    var deterministicReplayPassed: Bool?
    var authorityMode: String?
    /// As in the product's words: `backtest_failed`, `replay_nondeterministic`, `timeout`.
    var failure: String?
    var reason: String?
    /// Who asked that the run under way be cancelled; on the disk before the answer, so a kill does not forget it.
    var cancelRequestedBy: String?

    init(_ identity: BacktestIdentity, config: Document, submitKey: String?, at time: Timestamp) {
        id = identity.id
        lane = identity.lane
        reproducibilityHash = identity.reproducibilityHash
        self.config = config
        self.submitKey = submitKey
        status = .queued
        submittedAt = time
    }
}

extension BacktestState {
    var document: Document {
        .object([
            "format": .string("torghut-backtest"), "version": .integer(1), "backtest_id": .string(id),
            "lane": .string(lane.rawValue), "reproducibility_hash": .string(reproducibilityHash), "config": config,
            "submit_key": .text(submitKey), "status": .string(status.rawValue), "attempts": .integer(attempts),
            "submitted_at": .string(submittedAt.description), "started_at": .text(startedAt?.description),
            "completed_at": .text(completedAt?.description), "result": result,
            "artifacts": .array(artifacts.map(\.document)), "replay_hash": .text(replayHash),
            "deterministic_replay_passed": deterministicReplayPassed.map { .bool($0) },
            "authority_mode": .text(authorityMode), "failure_taxonomy": .text(failure), "reason": .text(reason),
            "cancel_requested_by": .text(cancelRequestedBy),
        ])
    }

    /// `nil` when the document is no state of this version.
    init?(_ document: Document) {
        guard document["format"]?.string == "torghut-backtest", document["version"]?.int64 == 1,
            let id = document["backtest_id"]?.string, BacktestIdentity.isID(id),
            let lane = document["lane"]?.string.flatMap(BacktestIdentity.Lane.init(named:)),
            let hash = document["reproducibility_hash"]?.string, let config = document["config"],
            let status = document["status"]?.string.flatMap(Status.init(rawValue:)),
            let submitted = Self.time(document["submitted_at"])
        else { return nil }
        self.id = id
        self.lane = lane
        reproducibilityHash = hash
        self.config = config
        self.status = status
        submittedAt = submitted
        submitKey = document["submit_key"]?.string
        attempts = document["attempts"]?.int64 ?? 0
        startedAt = Self.time(document["started_at"])
        completedAt = Self.time(document["completed_at"])
        result = document["result"].flatMap { $0.isNull ? nil : $0 }
        artifacts = (document["artifacts"]?.elements ?? []).compactMap { Artifact($0) }
        replayHash = document["replay_hash"]?.string
        deterministicReplayPassed = document["deterministic_replay_passed"]?.bool
        authorityMode = document["authority_mode"]?.string
        failure = document["failure_taxonomy"]?.string
        reason = document["reason"]?.string
        cancelRequestedBy = document["cancel_requested_by"]?.string
    }

    private static func time(_ value: Document?) -> Timestamp? { value?.string.flatMap { try? Timestamp($0) } }

    /// Back in the queue, with nothing of an attempt before: who asks anew gets the full number of attempts.
    mutating func requeue(submitKey: String?, at time: Timestamp) {
        self = BacktestState(BacktestIdentity(config, in: lane), config: config, submitKey: submitKey, at: time)
    }

    mutating func cancel(by who: String, at time: Timestamp) {
        status = .cancelled
        reason = "cancelled by \(who)"
        completedAt = time
    }
}

extension BacktestState.Artifact {
    var document: Document {
        .object([
            "name": .string(name), "content_type": .string(contentType), "bytes": .integer(bytes),
            "sha256": .string(sha256),
        ])
    }

    init?(_ document: Document) {
        guard let name = document["name"]?.string, let type = document["content_type"]?.string,
            let bytes = document["bytes"]?.int64, let hash = document["sha256"]?.string
        else { return nil }
        self.init(name: name, contentType: type, bytes: Int(bytes), sha256: hash)
    }

    init(_ file: ReplayArtifacts.File) {
        self.init(name: file.name, contentType: file.contentType, bytes: file.bytes.count, sha256: file.sha256)
    }
}
