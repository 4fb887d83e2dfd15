import Backtesting
import Core
import Telemetry
import Threading

/// Does the runs, one at a time, on a thread that is no other part's.
actor BacktestWorker {
    private let desk: BacktestDesk
    private let house: RunnerHouse
    private let executor = BlockingExecutor("backtests")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(_ desk: BacktestDesk, _ house: RunnerHouse) {
        self.desk = desk
        self.house = house
    }

    func work() async {
        while let (state, watch) = await desk.next() {
            let limit = Task.detached { [time = house.settings.backtests.timeout] in
                try await Task.sleep(for: time)
                watch.stop(.timedOut)
            }
            let outcome: Result<RunOutcome, RunFailure>
            do throws(RunFailure) { outcome = .success(try await perform(state, watch)) } catch {
                outcome = .failure(error)
            }
            limit.cancel()
            settle(state, outcome, watch)
        }
    }

    private func perform(_ state: BacktestState, _ watch: RunWatch) async throws(RunFailure) -> RunOutcome {
        let folder = desk.store.folder(of: state.id)
        if house.settings.launcher.command != nil {
            let desk = desk
            return try LauncherRun(
                state: state, launcher: house.settings.launcher, folder: folder, time: house.time, watch: watch
            ) { desk.note($0, of: state.id) }.perform()
        }
        return try await EmbeddedRun(
            state: state, dataFolder: house.settings.marketFolder, settings: house.settings.backtests, watch: watch
        ).perform()
    }

    private func settle(_ state: BacktestState, _ outcome: Result<RunOutcome, RunFailure>, _ watch: RunWatch) {
        switch (outcome, watch.stopped) {
        case (_, .shutdown): desk.abandon(state.id)
        case (_, .cancelled(let who)):
            desk.finish(state.id) { state in
                state.status = .cancelled
                state.reason = "cancelled by \(who)"
            }
        case (_, .timedOut): fail(state, RunFailure("timeout", "the run took too long (LEAN_BACKTEST_TIMEOUT_SECONDS)"))
        case (.failure(let failure), nil): fail(state, failure)
        case (.success(let outcome), nil): complete(state, outcome)
        }
    }

    private func complete(_ state: BacktestState, _ outcome: RunOutcome) {
        guard outcome.isDeterministic else {
            desk.finish(state.id) { state in
                state.status = .failed
                state.failure = "replay_nondeterministic"
                state.reason = "two runs of this configuration differ"
                state.deterministicReplayPassed = false
                state.authorityMode = outcome.authorityMode
            }
            return
        }
        do throws(BacktestStore.Failure) { try desk.store.save(outcome.files, of: state.id) } catch {
            return fail(state, RunFailure(error.description))
        }
        desk.finish(state.id) { state in
            state.status = .completed
            state.result = outcome.result
            state.artifacts = outcome.files.map { BacktestState.Artifact($0) }
            state.replayHash = outcome.replayHash
            state.deterministicReplayPassed = true
            state.authorityMode = outcome.authorityMode
        }
        house.logbook.info("backtest_completed", ["id": .text(state.id), "replay_hash": .text(outcome.replayHash)])
    }

    private func fail(_ state: BacktestState, _ failure: RunFailure) {
        desk.finish(state.id) { state in
            state.status = .failed
            state.failure = failure.taxonomy
            state.reason = failure.reason
        }
        house.logbook.warning("backtest_failed", ["id": .text(state.id), "reason": .text(failure.reason)])
    }
}
