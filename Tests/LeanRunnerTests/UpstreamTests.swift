import Core
import HTTPClient
import HTTPServer
import TestSupport
import Testing

@testable import lean_runner

@Suite struct `An upstream of the runner` {
    /// Answers as badly as it is asked to.
    private static func stranger() throws -> HTTPServer {
        var routes = HTTPRoutes()
        routes.on("POST", "/good") { request, _ in
            var json = #"{"backtest_id":"b1","_lean_audit":{"runner":"stranger"},"sent":"#
            json += String(decoding: request.body, as: UTF8.self)
            json += #","correlation":"\#(request.header("X-Correlation-ID") ?? "")"}"#
            return .json(Array(json.utf8))
        }
        routes.on("GET", "/nonsense") { _, _ in .json(Array("{\"half\":".utf8)) }
        routes.on("GET", "/list") { _, _ in .json(Array("[1]".utf8)) }
        routes.on("GET", "/twice") { _, _ in .json(Array(#"{"a":1,"a":2}"#.utf8)) }
        routes.on("GET", "/503") { _, _ in .text("no\nroom", status: 503) }
        routes.on("GET", "/404") { _, _ in .json(Array(#"{"detail":"backtest_not_found"}"#.utf8), status: 404) }
        routes.on("GET", "/401") { _, _ in .text("who?", status: 401) }
        routes.on("GET", "/hang") { _, _ in
            do { try await Task.sleep(for: .seconds(60)) } catch { return .hangUp }
            return .hangUp
        }
        routes.on("GET", "/silent") { _, _ in .hangUp }
        routes.on("GET", "/drip") { _, _ in
            HTTPServerResponse(
                status: 200,
                body: .stream(length: nil) {
                    try await Task.sleep(for: .milliseconds(200))
                    return [UInt8(ascii: " ")]
                })
        }
        routes.on("GET", "/huge") { _, _ in
            HTTPServerResponse(
                status: 200, body: .stream(length: nil) { [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20) })
        }
        return try HTTPServer(HTTPServerSettings(drainLimit: .milliseconds(100)), routes: routes)
    }

    /// As a route would have it.
    private static func call() async throws -> RunnerCall {
        let (calls, call) = AsyncStream<RunnerCall>.makeStream()
        let id = try CorrelationID("c-1")
        var routes = HTTPRoutes()
        routes.on("GET", "/") { request, parameters in
            call.yield(
                RunnerCall(
                    request: request, parameters: parameters, operation: .getBacktest, correlationID: id,
                    receivedAt: .epoch))
            return .text("")
        }
        _ = await routes.answer(HTTPServerRequest(method: "GET", target: "/", path: []))
        return try #require(await calls.first { _ in true })
    }

    @Test func `is passed what was asked, and its audit is left out`() async throws {
        let server = try Self.stranger()
        let proxy = UpstreamProxy(address: "http://127.0.0.1:\(server.port)/", timeout: .seconds(5))
        let answer = try await proxy.ask(.post, "/good", body: .object(["x": .integer(1)]), try await Self.call())
        #expect(answer["backtest_id"] == .string("b1"))
        #expect(answer["sent"]?["x"] == .number("1"))
        #expect(answer["correlation"] == .string("c-1"))
        #expect(answer["_lean_audit"] == nil)
        await server.stop()
    }

    @Test func `claims nothing in what it found, and a run that it lacks is missing in our words`() async throws {
        var routes = HTTPRoutes()
        routes.on("GET", "/:id") { _, parameters in
            guard parameters["id"] == "b1" else { return .text("who?", status: 404) }
            let result =
                #"{"promotion_authority_eligible":true,"artifact_authority":"x","a":[{"authority":"x","n":1}]}"#
            return .json(
                Array(#"{"backtest_id":"b1","status":"completed","authority_mode":"lean","result":\#(result)}"#.utf8))
        }
        let server = try HTTPServer(HTTPServerSettings(drainLimit: .milliseconds(100)), routes: routes)
        let ground = try BacktestGround()
        let runner = try ground.start(["TRADING_LEAN_BACKTEST_UPSTREAM_URL": "http://127.0.0.1:\(server.port)"])
        let answer = try #require(await runner.ask(.get, "/v1/backtests/b1"))
        #expect(answer.json("authority_mode", as: String.self) == "unverified_replay")
        #expect(answer.json("result", "authority", "engine", as: String.self) == "upstream")
        #expect(answer.json("result", "promotion_authority_eligible", as: Bool.self) == nil)
        #expect(answer.json("result", "artifact_authority", as: String.self) == nil)
        #expect(answer.json("result", "a", 0, "authority", as: String.self) == nil)
        #expect(answer.json("result", "a", 0, "n", as: Int.self) == 1)
        let lost = try #require(await runner.ask(.get, "/v1/backtests/b2"))
        #expect(lost.status == 404 && lost.code == "backtest_not_found")
        await server.stop()
    }

    @Test func `that fails is told in the original's words, within the time`() async throws {
        let server = try Self.stranger()
        let proxy = UpstreamProxy(address: "http://127.0.0.1:\(server.port)", timeout: .seconds(1))
        let expected: [(String, Int, String)] = [
            ("/nonsense", 502, "upstream_error:lean_upstream_invalid_json:"),
            ("/twice", 502, "upstream_error:lean_upstream_invalid_json:"),
            ("/list", 502, "upstream_error:lean_upstream_invalid_payload"),
            ("/503", 502, "upstream_error:lean_upstream_http_503:noroom"),
            ("/404", 404, "upstream_error:lean_upstream_http_404:"),
            ("/401", 502, "upstream_auth:lean_upstream_http_401:who?"),
            ("/hang", 502, "network_timeout:lean_upstream_timeout"),
            ("/drip", 502, "network_timeout:lean_upstream_timeout"),
            ("/silent", 502, "network_error:lean_upstream_network_error:"),
            ("/huge", 502, "upstream_error:lean_upstream_invalid_payload"),
        ]
        let call = try await Self.call()
        for (path, status, words) in expected {
            do {
                _ = try await proxy.ask(.get, path, call)
                Issue.record("\(path) was believed")
            } catch {
                #expect(error.status == status, "\(path)")
                #expect(error.detail.hasPrefix("lean_get_backtest_failed:" + words), "\(path): \(error.detail)")
            }
        }
        await server.stop()
        await #expect(throws: RunnerFault.self) { try await proxy.ask(.get, "/good", call) }
    }
}
