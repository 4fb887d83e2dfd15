import Core
import Telemetry
import Threading

/// Answers for the desk of backtests on a thread of its own: its disk may be slow, and the shared threads carry orders.
///
/// The folder of runs is read here, after the service has opened its port: a folder that cannot be read keeps nobody
/// from cancelling an order. It is tried again until it can be.
actor BacktestClerk {
    private nonisolated let executor = BlockingExecutor("backtests.desk")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    static let pause: Duration = .seconds(1)

    private let house: RunnerHouse
    private var open: (desk: BacktestDesk, work: Task<Void, Never>)?
    private var isClosed = false

    init(_ house: RunnerHouse) { self.house = house }

    func ask<Answer: Sendable>(
        _ question: @Sendable (BacktestDesk) throws(RunnerFault) -> Answer
    ) throws(RunnerFault) -> Answer {
        try question(try desk())
    }

    /// Opens the desk, whoever asks first.
    private func desk() throws(RunnerFault) -> BacktestDesk {
        if let open { return open.desk }
        guard !isClosed else { throw Self.unavailable("the runner ends") }
        do throws(BacktestStore.Failure) {
            let desk = try BacktestDesk(
                house.settings.backtests, try BacktestStore(house.settings.dataFolder + "/backtests"),
                time: house.time, logbook: house.logbook)
            let worker = BacktestWorker(desk, house)
            open = (desk, Task.detached { await worker.work() })
            return desk
        } catch {
            house.logbook.error("backtests_unavailable", ["problem": .text(error.description)])
            throw Self.unavailable(error.description)
        }
    }

    private static func unavailable(_ why: String) -> RunnerFault {
        RunnerFault(503, .notSent, code: "backtest_store_unavailable", detail: why, taxonomy: .ledger)
    }

    /// Runs that a stop cut off go on without being asked for.
    func begin() async {
        while open == nil, !isClosed {
            do throws(RunnerFault) { _ = try desk() } catch {
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    /// The run that is under way is cut off; it begins again when the runner is back.
    func close() async {
        isClosed = true
        guard let open else { return }
        open.desk.close()
        await open.work.value
    }
}

/// Reads artifacts, which may be large, beside the desk: nobody who asks how a run stands waits for them.
actor ArtifactReader {
    private nonisolated let executor = BlockingExecutor("backtests.artifacts")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// The bytes of an artifact, or `nil` when they are not those that were promised.
    func read(
        _ artifact: BacktestState.Artifact, of id: String, in store: BacktestStore
    ) throws(BacktestStore.Failure) -> [UInt8]? {
        try store.artifact(artifact, of: id)
    }
}
