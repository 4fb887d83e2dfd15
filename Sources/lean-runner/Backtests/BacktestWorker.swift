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
            await settle(state, outcome, watch)
        }
    }

    private func perform(_ state: BacktestState, _ watch: RunWatch) async throws(RunFailure) -> RunOutcome {
        let folder = desk.store.folder(of: state.id)
        if house.settings.launcher.command != nil {
            return try LauncherRun(
                state: state, launcher: house.settings.launcher, folder: folder, time: house.time, watch: watch
            ).perform()
        }
        return try await EmbeddedRun(
            state: state, dataFolder: house.settings.marketFolder, settings: house.settings.backtests, watch: watch
        ).perform()
    }

    private func settle(
        _ state: BacktestState, _ outcome: Result<RunOutcome, RunFailure>, _ watch: RunWatch
    ) async {
        switch (outcome, watch.stopped) {
        case (_, .shutdown): desk.abandon(state.id)
        case (_, .cancelled(let who)):
            let now = house.time.now()
            await finish(state) { $0.cancel(by: who, at: now) }
        case (_, .timedOut):
            await fail(state, RunFailure("timeout", "the run took too long (LEAN_BACKTEST_TIMEOUT_SECONDS)"))
        case (.failure(let failure), nil): await fail(state, failure)
        case (.success(let outcome), nil): await complete(state, outcome)
        }
    }

    /// What came of a run is kept until the disk takes it: it is neither computed again nor called anything else.
    private func finish(_ state: BacktestState, _ change: @Sendable (inout BacktestState) -> Void) async {
        while !desk.finish(state.id, change) {
            guard await pause() else { return desk.abandon(state.id) }
        }
    }

    /// Waits for a disk that has no room; `false` when the runner ends.
    private func pause() async -> Bool {
        guard !desk.isClosing else { return false }
        do { try await Task.sleep(for: BacktestDesk.diskPause) } catch { return false }
        return !desk.isClosing
    }

    private func complete(_ state: BacktestState, _ outcome: RunOutcome) async {
        guard outcome.isDeterministic else {
            await finish(state) { state in
                state.status = .failed
                state.failure = "replay_nondeterministic"
                state.reason = "two runs of this configuration differ"
                state.deterministicReplayPassed = false
                state.authorityMode = outcome.authorityMode
            }
            return
        }
        if let file = outcome.files.first(where: { $0.bytes.count > BacktestStore.maximumArtifactBytes }) {
            return await fail(state, RunFailure("\(file.name) has \(file.bytes.count) bytes, more than can be read"))
        }
        while true {
            do throws(BacktestStore.Failure) {
                try desk.store.save(outcome.files, of: state.id)
                break
            } catch {
                house.logbook.error("backtest_not_saved", ["problem": .text(error.description)])
                guard await pause() else { return desk.abandon(state.id) }
            }
        }
        await finish(state) { state in
            state.status = .completed
            state.result = outcome.result
            state.artifacts = outcome.files.map { BacktestState.Artifact($0) }
            state.replayHash = outcome.replayHash
            state.deterministicReplayPassed = true
            state.authorityMode = outcome.authorityMode
        }
        house.logbook.info("backtest_completed", ["id": .text(state.id), "replay_hash": .text(outcome.replayHash)])
    }

    private func fail(_ state: BacktestState, _ failure: RunFailure) async {
        await finish(state) { state in
            state.status = .failed
            state.failure = failure.taxonomy
            state.reason = failure.reason
        }
        house.logbook.warning("backtest_failed", ["id": .text(state.id), "reason": .text(failure.reason)])
    }
}
