import Core
import Glibc
import HTTPServer
import Journal
import OTLP
import Telemetry
import Threading

/// The runner: LEAN's HTTP contract in front of the broker.
@main
enum LeanRunner {
    static let contractVersion = "lean-v2"

    static func main() async {
        // Both are reported by the call that fails: a reader that left, and a limit on the size of files.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        exit(await run(CommandLine.arguments.dropFirst()))
    }

    /// 0 after a stop in good order, 1 when it cannot work, 2 when it was called wrongly.
    private static func run(_ arguments: ArraySlice<String>) async -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(HelpText.text, terminator: "")
            return 0
        }
        do {
            let options = try GivenOptions(arguments, valued: RunnerSettings.valued, switches: ["until-eof"])
            let settings = try RunnerSettings(options, environment: Environment.all(), readFile: Environment.file)
            try await serve(settings, untilInputEnds: options.has("until-eof"))
            return 0
        } catch let problems as UsageProblems {
            for problem in problems.list { complain(problem) }
            return 2
        } catch {
            complain("\(error)")
            return 1
        }
    }

    private static func complain(_ what: String) {
        let line = Array("lean-runner: \(what)\n".utf8)
        _ = unsafe write(2, line, line.count)
    }

    /// Spans are brought out at the end for so long.
    private static let lastTraces: Duration = .seconds(3)

    private static func exporter(_ now: Timestamp, _ registry: Registry) throws(UsageProblems) -> TraceExporter? {
        let environment = Environment.all()
        do throws(TraceSettings.Problems) {
            let settings = try TraceSettings.read(service: "lean-runner", process: "\(getpid())@\(now)") { name in
                environment[name].flatMap { $0.isEmpty ? nil : $0 }
            }
            return settings.map { TraceExporter($0, in: registry) }
        } catch { throw UsageProblems(list: error.problems) }
    }

    private static func serve(_ given: RunnerSettings, untilInputEnds: Bool) async throws {
        let time = SystemTime()
        let registry = Registry()
        let lines = FileLines(2, TelemetryMetrics(in: registry))
        let logbook = Logbook(time: time) { lines.write($0) }
        let ending = Ending(untilInputEnds: untilInputEnds)
        try Environment.makeFolder(given.dataFolder)
        var settings = given
        // A launched program works in a folder of its own, where a relative path leads nowhere.
        settings.dataFolder = Environment.whole(given.dataFolder) ?? given.dataFolder
        var keeping = JournalSettings()
        // Nobody else writes here.
        keeping.control = false
        let journal = try await Journal.open(settings.dataFolder + "/journal", keeping)
        let exporter = try exporter(time.now(), registry)
        let exporting = Task { await exporter?.run() }
        let house = RunnerHouse(
            settings, journal: journal, time: time, registry: registry, logbook: logbook,
            tracing: exporter?.tracing ?? .off)
        let service = try await RunnerService.start(house)
        let line = Array("{\"http\": \(service.port)}\n".utf8)
        _ = unsafe write(1, line, line.count)
        logbook.info(
            "runner_started", ["port": .integer(Int(service.port)), "token": .flag(house.token.isAsked)])
        await ending.wait()
        await service.stop()
        await journal.close()
        await exporter?.end(within: lastTraces)
        exporting.cancel()
        logbook.info("runner_stopped")
    }
}
