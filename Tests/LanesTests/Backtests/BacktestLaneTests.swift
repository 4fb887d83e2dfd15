import Bus
import Core
import Domain
import HTTPServer
import Lanes
import Synchronization
import TestSupport
import Testing
import Threading

/// The lane over a journal, with a runner that answers as it is told.
@Suite struct `The lane of backtests` {
    final class Silence: BacktestObserver {
        func followed(open: Int, isLaneDisabled: Bool) {}
        func noted(_ note: BacktestNote) {}
    }

    /// Answers of a runner to POST and GET, from what was asked before.
    private func end(
        _ change: @Sendable (inout BacktestLimits) -> Void = { _ in },
        post: @escaping @Sendable (HTTPServerRequest, Int) -> HTTPServerResponse,
        cancel: @escaping @Sendable (String) -> Void = { _ in },
        get: @escaping @Sendable (Int) -> HTTPServerResponse
    ) async throws -> BacktestRun {
        let counts = Mutex((posts: 0, gets: 0))
        var routes = HTTPRoutes()
        routes.on("POST", "/v1/backtests") { request, _ in
            let number = counts.withLock { counts in
                counts.posts += 1
                return counts.posts
            }
            return post(request, number)
        }
        routes.on("GET", "/v1/backtests/:id") { _, _ in
            let number = counts.withLock { counts in
                counts.gets += 1
                return counts.gets
            }
            return get(number)
        }
        routes.on("POST", "/v1/backtests/:id/cancel") { _, parameters in
            cancel(parameters["id"])
            return .json(Array("{}".utf8))
        }
        let server = try HTTPServer(HTTPServerSettings(drainLimit: .milliseconds(100)), routes: routes)
        let folder = TemporaryFolder(inMemory: true)
        let log = JournalLog(folder.path)
        _ = try await log.hold()
        try await log.create(BacktestBook.topics.map(\.spec))
        let config = try CanonicalConfig(Array(#"{"symbol":"BTC/USD"}"#.utf8))
        let draft = try BacktestDraft(
            config, lane: "research_backtest", by: try ActorName("ann"), at: SystemTime().now(),
            source: try SourceName("cli"), nonce: "1")
        let writer = try await log.writer(named: "test")
        _ = try await writer.append(Append([draft.record]))
        var context = BacktestContext(
            log: log, runner: LaneRunner(LaneRunnerSettings(address: "http://127.0.0.1:\(server.port)")),
            time: SystemTime(), observer: Silence())
        context.limits.poll = .milliseconds(10)
        context.limits.longestPause = .milliseconds(50)
        context.limits.wait = .milliseconds(10)
        change(&context.limits)
        let lane = BacktestLane(context)
        let work = Task { try await lane.run() }
        let deadline = ContinuousClock.now + .seconds(40)
        var run: BacktestRun?
        while run == nil, ContinuousClock.now < deadline {
            let entry = try await BacktestBook.read(log).entries[config.id(in: "research_backtest")]
            if let entry, entry.run.status.isFinal {
                run = entry.run
            } else {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        work.cancel()
        _ = await work.result
        await log.close()
        await server.stop()
        return try #require(run, "the run had no end")
    }

    private static let id = "31b8b259c941a33016ae"
    private static let hash = "8632244df7d72c0fe6ea05461b2abb2e0766501fac64832e39b91783f6c9c963"

    private static func taken(_ hash: String = hash) -> HTTPServerResponse {
        .json(Array(#"{"backtest_id":"\#(id)","status":"queued","reproducibility_hash":"\#(hash)"}"#.utf8))
    }

    private static func done(_ more: String) -> HTTPServerResponse {
        .json(Array(#"{"backtest_id":"\#(id)","status":"completed"\#(more)}"#.utf8))
    }

    private static let missing = HTTPServerResponse.json(Array(#"{"code":"backtest_not_found"}"#.utf8), status: 404)

    @Test func `has a run done, and keeps what the runner found`() async throws {
        let whole = #","replay_hash":"\#(Self.hash)","deterministic_replay_passed":true,"result":{"summary":{}}"#
        let run = try await end { request, _ in
            let body = String(decoding: request.body, as: UTF8.self)
            guard body == #"{"lane":"research_backtest","config":{"symbol":"BTC/USD"}}"#,
                request.header("Idempotency-Key") != nil
            else { return .text("no", status: 422) }
            return Self.taken()
        } get: { number in
            switch number {
            case 1: .json(Array(#"{"backtest_id":"\#(Self.id)","status":"running"}"#.utf8))
            case 2: .text("busy", status: 503)
            default: Self.done(whole)
            }
        }
        #expect(run.status == .completed && run.replayHash.map { "\($0)" } == Self.hash)
        #expect(run.startedAt != nil && run.resultJSON?.description == #"{"summary":{}}"#)
    }

    @Test func `believes no result without its hashes, and none that differed from itself`() async throws {
        let bare = try await end { _, _ in
            Self.taken()
        } get: { _ in
            Self.done("")
        }
        #expect(bare.failureTaxonomy == .missingReproArtifacts)
        let differing = try await end { _, _ in
            Self.taken()
        } get: { _ in
            Self.done(#","replay_hash":"\#(Self.hash)","deterministic_replay_passed":false"#)
        }
        #expect(differing.failureTaxonomy == .replayNondeterministic)
        let wrong = try await end { _, _ in
            Self.taken(String(Self.hash.reversed()))
        } get: { _ in
            Self.missing
        }
        #expect(wrong.reason?.text.contains("another configuration") == true)
        let nonsense = try await end { _, _ in
            .text("hello")
        } get: { _ in
            Self.missing
        }
        #expect(nonsense.failureTaxonomy == .backtestFailed)
    }

    @Test func `calls a run lost only when the runner says so again and again`() async throws {
        let whole = #","replay_hash":"\#(Self.hash)","deterministic_replay_passed":true"#
        let twice = try await end { _, _ in
            Self.taken()
        } get: {
            $0 <= 2 ? Self.missing : Self.done(whole)
        }
        #expect(twice.status == .completed)
        // A proxy's 404 is no word of the runner.
        let proxy = try await end { _, _ in
            Self.taken()
        } get: { number in
            number <= 10 ? .text("no such route", status: 404) : Self.done(whole)
        }
        #expect(proxy.status == .completed)
        let lost = try await end { _, _ in
            Self.taken()
        } get: { _ in
            Self.missing
        }
        #expect(lost.status == .failed && lost.failureTaxonomy == .runnerLostRun)
    }

    @Test func `tells the runner of a run that takes too long, and takes no waiting for working`() async throws {
        let cancelled = Mutex<[String]>([])
        let late = try await end({ $0.timeout = .milliseconds(300) }) { _, _ in
            Self.taken()
        } cancel: { id in
            cancelled.withLock { $0.append(id) }
        } get: { _ in
            .json(Array(#"{"backtest_id":"\#(Self.id)","status":"running"}"#.utf8))
        }
        #expect(late.failureTaxonomy == .timeout)
        #expect(cancelled.withLock { $0 } == [Self.id])
        // In the runner's queue it is for longer than it may take.
        let whole = #","replay_hash":"\#(Self.hash)","deterministic_replay_passed":true"#
        let begun = ContinuousClock.now
        let queued = try await end({ $0.timeout = .seconds(2) }) { _, _ in
            Self.taken()
        } get: { _ in
            ContinuousClock.now < begun + .seconds(3) ? Self.taken() : Self.done(whole)
        }
        #expect(queued.status == .completed)
    }

    @Test func `asks a runner that is away until the time is over, and takes a refusal for what it is`() async throws {
        let late = try await end({ $0.timeout = .milliseconds(300) }) { _, _ in
            .text("busy", status: 503)
        } get: { _ in
            Self.missing
        }
        #expect(late.failureTaxonomy == .timeout)
        let refused = try await end { _, _ in
            .json(Array(#"{"detail":"unknown fields: config.symbol"}"#.utf8), status: 422)
        } get: { _ in
            Self.missing
        }
        #expect(refused.reason?.text == "unknown fields: config.symbol")
        let cancelled = try await end { _, _ in
            Self.taken()
        } get: { _ in
            .json(Array(#"{"backtest_id":"\#(Self.id)","status":"cancelled","reason":"cancelled by ann"}"#.utf8))
        }
        #expect(cancelled.status == .cancelled && cancelled.failureTaxonomy == nil)
    }
}
