import Core

/// What the routes say of a run.
enum BacktestAnswer {
    /// Of a submit, a cancel and a list.
    static func brief(_ state: BacktestState) -> Document {
        .object([
            "backtest_id": .string(state.id), "status": .string(state.status.rawValue),
            "lane": .string(state.lane.rawValue), "reproducibility_hash": .string(state.reproducibilityHash),
            "authority_mode": .text(state.authorityMode), "submitted_at": .string(state.submittedAt.description),
        ])
    }

    static func whole(_ state: BacktestState, _ progress: Document?) -> Document {
        .object([
            "backtest_id": .string(state.id), "lane": .string(state.lane.rawValue),
            "status": .string(state.status.rawValue), "reproducibility_hash": .string(state.reproducibilityHash),
            "replay_hash": .text(state.replayHash),
            "deterministic_replay_passed": state.deterministicReplayPassed.map { .bool($0) },
            "authority_mode": .text(state.authorityMode), "attempts": .integer(state.attempts),
            "submitted_at": .string(state.submittedAt.description), "started_at": .text(state.startedAt?.description),
            "completed_at": .text(state.completedAt?.description), "progress": progress, "result": state.result,
            "artifacts": .array(state.artifacts.map { link($0, state) }), "failure_taxonomy": .text(state.failure),
            "reason": .text(state.reason),
        ])
    }

    static func artifacts(_ state: BacktestState) -> Document {
        .object([
            "run_id": .string(state.id), "status": .string(state.status.rawValue),
            "artifacts": .array(state.artifacts.map { link($0, state) }),
            "artifact_authority": state.result?["authority"] ?? .null,
            "promotion_authority_eligible": .bool(false),
        ])
    }

    private static func link(_ artifact: BacktestState.Artifact, _ state: BacktestState) -> Document {
        artifact.document.with("path", .string("/v1/runs/\(state.id)/artifacts/\(artifact.name)"))
    }
}
