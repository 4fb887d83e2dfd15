import Backtesting
import Bus
import Core
import Engine
import JSON

/// A run by the engine that is built in: data read, replayed twice, and written down.
struct EmbeddedRun {
    let state: BacktestState
    let dataFolder: String
    let settings: BacktestSettings
    let watch: RunWatch

    /// On the caller's executor: the work of minutes is no guest of the shared threads.
    func perform(isolation: isolated (any Actor)? = #isolation) async throws(RunFailure) -> RunOutcome {
        let plan: BacktestPlan
        do {
            var read = try BacktestPlan(state.config)
            read.settings.maximumFills = settings.maximumFills
            plan = read
        } catch { throw RunFailure(error.detail) }
        let reader = try await read(plan)
        let replay = Replay(over: reader.tape, plan.settings, strategies: plan.strategies, script: plan.script)
        guard !replay.tape.entries.isEmpty else { throw RunFailure("the sources hold nothing about these symbols") }
        if let fault = BarSpacing.fault(of: replay.tape) { throw RunFailure(fault) }
        let (result, first) = try run(replay, .firstRun)
        // Of the second run only the hash is kept: its files are in memory once, not twice.
        let second = try run(replay, .secondRun).1.replayHash
        watch.enter(.writing, of: 0)
        // Recorded is what our own log kept, and only when the configuration names it by its hash.
        let isNamed = plan.sources.allSatisfy { $0.sha256 != nil }
        let isRecorded = isNamed && reader.receipts.allSatisfy(\.isRecorded)
        let isDeterministic = first.replayHash == second
        return RunOutcome(
            result: document(result, of: replay, reader.receipts, first, isRecorded),
            files: first.files, replayHash: first.replayHash, isDeterministic: isDeterministic,
            authorityMode: isRecorded ? "historical_market_replay" : "embedded_engine")
    }

    private func read(
        _ plan: BacktestPlan, isolation: isolated (any Actor)? = #isolation
    ) async throws(RunFailure) -> TapeReader {
        var limits = TapeReader.Limits()
        limits.items = settings.maximumEvents
        limits.fileBytes = settings.maximumFileBytes
        let watch = watch
        watch.enter(.reading, of: plan.sources.count)
        var reader = TapeReader(of: plan.symbols, timeframe: plan.settings.timeframe, limits) { watch.stopped != nil }
        for (index, source) in plan.sources.enumerated() {
            do throws(SourceFault) { try await read(source, with: &reader) } catch {
                throw RunFailure(error.description)
            }
            guard watch.passed(index + 1) else { throw RunFailure("stopped while reading") }
        }
        return reader
    }

    private func read(
        _ source: BacktestPlan.Source, with reader: inout TapeReader, isolation: isolated (any Actor)? = #isolation
    ) async throws(SourceFault) {
        let place = try DataFolder.place(of: source.path, in: dataFolder)
        switch source.format {
        case .csv, .jsonLines:
            let format: TapeReader.Format = source.format == .csv ? .csv : .jsonLines
            try reader.read(place, named: source.path, format, holding: source.kind)
        case .archive:
            let (hash, log) = try DataFolder.archive(place, named: source.path)
            try await reader.read(topic: source.topic, of: log, named: source.path, sha256: hash)
        case .log:
            let log = JournalLog(place)
            do throws(SourceFault) {
                try await reader.read(topic: source.topic, of: log, named: source.path, sha256: nil)
            } catch {
                await log.close()
                throw error
            }
            await log.close()
        }
        guard let wanted = source.sha256, let receipt = reader.receipts.last else { return }
        guard receipt.sha256 == wanted else {
            throw SourceFault(source.path, "its SHA-256 is \(receipt.sha256), and the configuration says \(wanted)")
        }
    }

    private func run(
        _ replay: Replay, _ phase: RunWatch.Phase
    ) throws(RunFailure) -> (ReplayResult, ReplayArtifacts) {
        watch.enter(phase, of: replay.tape.entries.count)
        let watch = watch
        do throws(Replay.Stop) {
            let result = try replay.run { watch.passed($0) }
            return (result, ReplayArtifacts(result, of: replay))
        } catch {
            switch error {
            case .arithmetic(let fault, let time): throw RunFailure("at \(time): \(fault)")
            case .tooManyFills(let limit, let time):
                throw RunFailure("at \(time): more than \(limit) fills (LEAN_BACKTEST_MAX_FILLS)")
            case .canceled: throw RunFailure("stopped")
            }
        }
    }

    private func document(
        _ result: ReplayResult, of replay: Replay, _ receipts: [TapeReader.Receipt], _ artifacts: ReplayArtifacts,
        _ isRecorded: Bool
    ) -> Document {
        var json = JSONWriter()
        ReportText.summary(result, startingWith: replay.settings.initialCash, &json)
        let summary = (try? Document(json.finish())) ?? .null
        return .object([
            "summary": summary,
            "data": .array(
                receipts.map { receipt in
                    .object([
                        "source": .string(receipt.source), "sha256": .string(receipt.sha256),
                        "rows": .integer(receipt.rows), "passed_over": .integer(receipt.passedOver),
                        "recorded": .bool(receipt.isRecorded),
                    ])
                }),
            "authority": BacktestAuthority.embedded(isRecorded: isRecorded),
        ])
    }
}
