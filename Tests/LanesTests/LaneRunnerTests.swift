import Core
import Domain
import HTTPClient
import HTTPServer
import Lanes
import Testing

@Suite struct `Asking the runner` {
    private static let correlation = CorrelationID(trusted: "shadow-1")

    private static func reply(
        within limit: Duration? = nil, to handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) async throws -> LaneReply {
        let server = try HTTPServer(handler: handler)
        var settings = LaneRunnerSettings(address: "http://127.0.0.1:\(server.port)/", token: Secret("let me in"))
        settings.limits.totalTimeout = .seconds(30)
        let reply = await LaneRunner(settings).post(
            "/v1/shadow/simulate", Array("{}".utf8), correlationID: correlation, within: limit)
        await server.stop()
        return reply
    }

    @Test func `names the story and shows the token`() async throws {
        let reply = try await Self.reply { request in
            let told = [request.header("X-Correlation-ID"), request.header("Authorization"), request.target]
            return .text(told.map { $0 ?? "nothing" }.joined(separator: " "), status: 201)
        }
        #expect(reply.result == .success(Array("shadow-1 Bearer let me in /v1/shadow/simulate".utf8)))
    }

    @Test func `keeps the words of an answer that is an error`() async throws {
        let reply = try await Self.reply { _ in .text("upstream gone", status: 502) }
        guard case .failure(let fault) = reply.result else {
            Issue.record("no failure")
            return
        }
        #expect(fault.failure == .httpError)
        #expect(fault.status == 502)
        #expect(fault.body == Array("upstream gone".utf8))
    }

    @Test func `ends when its own time is over`() async throws {
        let reply = try await Self.reply(within: .milliseconds(100)) { _ in
            await pause(.seconds(20))
            return .text("late")
        }
        #expect(Self.failure(of: reply) == .timeout)
    }

    @Test func `says that nobody is there`() async {
        let reply = await LaneRunner(LaneRunnerSettings(address: "http://127.0.0.1:1"))
            .get("/healthz", correlationID: Self.correlation)
        #expect(Self.failure(of: reply) == .networkError)
    }

    private static func failure(of reply: LaneReply) -> LaneFailure? {
        guard case .failure(let fault) = reply.result else { return nil }
        return fault.failure
    }
}
