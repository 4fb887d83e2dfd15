import Backtesting
import Core
import Glibc
import JSON

/// A run by the program of `LEAN_LAUNCHER_COMMAND`: twice, within limits of time, output and disk, and believed only as
/// far as its answer has the form it must have.
struct LauncherRun {
    let state: BacktestState
    let launcher: RunnerSettings.Launcher
    let folder: String
    let time: any TimeSource
    let watch: RunWatch

    /// Of the answer on its standard output; larger ones belong into files.
    static let maximumAnswerBytes = 8 << 20
    static let pollMilliseconds: Int32 = 50
    /// The folder is measured once in so many polls.
    static let measuredEvery = 10

    func perform() throws(RunFailure) -> RunOutcome {
        guard let command = launcher.command else { throw RunFailure("there is no launcher") }
        let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !words.isEmpty else { throw RunFailure("LEAN_LAUNCHER_COMMAND is empty") }
        let first = try launch(words, "launch-1")
        let second = try launch(words, "launch-2")
        let bytes = first.canonical
        let file = ReplayArtifacts.File(name: "result.json", contentType: "application/json", bytes: bytes)
        return RunOutcome(
            result: .object(["summary": first["summary"], "authority": BacktestAuthority.launched]),
            files: [file], replayHash: ReplayArtifacts([file]).replayHash,
            isDeterministic: bytes == second.canonical, authorityMode: "unverified_replay")
    }

    private func launch(_ words: [String], _ name: String) throws(RunFailure) -> Document {
        watch.enter(.launched, of: 0)
        let workspace = "\(folder)/\(name)"
        FolderRemoval.remove(workspace)
        // Whatever was started in it, in whatever group, ends before the folder goes.
        defer {
            LaunchedProcess.endAll(in: workspace)
            FolderRemoval.remove(workspace)
        }
        let config = "\(workspace)/config.json"
        do throws(BacktestStore.Failure) {
            try BacktestStore.makeFolder(workspace)
            try BacktestStore.write(configuration, to: config)
        } catch { throw RunFailure(error.description) }
        // None of the runner's own variables: its keys are not the launched program's business.
        let environment = ["PATH", "HOME", "LANG"].compactMap { name in
            Environment.variable(name).map { "\(name)=\($0)" }
        }
        let process: LaunchedProcess
        do throws(LaunchedProcess.Failure) {
            process = try LaunchedProcess(
                words + [config], in: workspace, environment: environment, largestFile: launcher.maximumOutputBytes)
        } catch { throw RunFailure("the launcher: \(error.reason)") }
        defer { process.end() }
        return try judge(try output(of: process, in: workspace))
    }

    private var configuration: [UInt8] {
        Document.object([
            "backtest_id": .string(state.id), "lane": .string(state.lane.rawValue), "config": state.config,
        ]).canonical
    }

    /// Waits for the end of the program, within every limit.
    private func output(of process: LaunchedProcess, in workspace: String) throws(RunFailure) -> [UInt8] {
        let deadline = time.uptime() + launcher.timeout
        var bytes: [UInt8] = []
        var polls = 0
        while true {
            process.read(into: &bytes, waiting: Self.pollMilliseconds)
            polls += 1
            guard bytes.count <= Self.maximumAnswerBytes else {
                throw RunFailure("the launcher wrote more than \(Self.maximumAnswerBytes) bytes to its output")
            }
            if let code = process.ended() {
                // What it wrote before its end is in the pipe; what others still hold open is not waited for.
                process.drain(into: &bytes, atMost: Self.maximumAnswerBytes + 1)
                guard bytes.count <= Self.maximumAnswerBytes else {
                    throw RunFailure("the launcher wrote more than \(Self.maximumAnswerBytes) bytes to its output")
                }
                guard code == 0 else {
                    throw RunFailure(
                        code > 0 ? "the launcher exited with \(code)" : "the launcher was ended by signal \(-code)")
                }
                return bytes
            }
            guard watch.passed(bytes.count) else { throw RunFailure("stopped") }
            guard time.uptime() < deadline else {
                throw RunFailure("timeout", "the launcher took longer than \(launcher.timeout)")
            }
            if polls % Self.measuredEvery == 0, FolderRemoval.bytes(of: workspace) > launcher.maximumOutputBytes {
                throw RunFailure("the launcher wrote more than \(launcher.maximumOutputBytes) bytes to its folder")
            }
        }
    }

    /// One object with a summary; anything else is nonsense and named so.
    private func judge(_ bytes: [UInt8]) throws(RunFailure) -> Document {
        let document: Document
        do { document = try Document(bytes, limits: JSONLimits(maximumBytes: Self.maximumAnswerBytes)) } catch {
            throw RunFailure("the launcher's answer is \(error)")
        }
        guard let summary = document["summary"]?.fields, !summary.isEmpty else {
            throw RunFailure("the launcher's answer has no object 'summary'")
        }
        return document
    }
}
