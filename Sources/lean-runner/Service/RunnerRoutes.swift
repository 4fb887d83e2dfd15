import Core
import HTTPServer
import Telemetry

/// The routes of the runner, each behind the token, inside the envelope of the audit, and counted.
struct RunnerRoutes: Sendable {
    typealias Handler = @Sendable (RunnerCall) async throws(RunnerFault) -> RunnerReply

    private var routes = HTTPRoutes()
    private let house: RunnerHouse

    init(_ house: RunnerHouse) { self.house = house }

    /// Adds a route; `open` ones answer everybody, for probes that know no token.
    mutating func on(
        _ method: String, _ pattern: String, _ operation: Operation, isOpen: Bool = false, _ handler: @escaping Handler
    ) {
        let house = house
        house.observations.declare("\(method) \(pattern)")
        routes.on(method, pattern) { request, parameters in
            await Self.answer(house, request, parameters, operation, isOpen, handler)
        }
    }

    private static func answer(
        _ house: RunnerHouse, _ request: HTTPServerRequest, _ parameters: HTTPRoutes.Parameters,
        _ operation: Operation, _ isOpen: Bool, _ handler: Handler
    ) async -> HTTPServerResponse {
        let start = house.time.uptime()
        let now = house.time.now()
        let trace = CallTrace(request)
        var correlation = "lean-unreadable"
        var key: String?
        let reply: RunnerReply
        do throws(RunnerFault) {
            let id = try RunnerCall.correlation(of: request)
            correlation = id.text
            guard isOpen || house.token.admits(request) else { throw .unauthorized }
            let call = RunnerCall(
                request: request, parameters: parameters, operation: operation, correlationID: id, receivedAt: now,
                trace: trace)
            key = call.idempotencyKey
            reply = try await handler(call)
        } catch { reply = RunnerReply(error) }
        trace?.answered(operation, request, reply, from: now, to: house.time.now(), house.tracing)
        let audit = Audit.object(operation, at: now, correlation: correlation, key: key, isReplay: reply.isReplay)
        house.observations.note(operation, took: house.time.uptime() - start, failure: reply.taxonomy)
        return Audit.sealed(reply, audit, correlation: correlation)
    }

    /// What the server asks.
    func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let response = await routes.answer(request)
        // Only the table of routes itself answers with text: there is no such route, or not with this method.
        guard [404, 405].contains(response.status), response.headers.first?.value.hasPrefix("text/plain") ?? false
        else { return response }
        let (code, status) = response.status == 404 ? ("route_not_found", 404) : ("method_not_allowed", 405)
        let fault = RunnerFault(status, .notSent, code: code, detail: code, taxonomy: .notFound)
        var sealed = refuse(request, fault)
        sealed.headers += response.headers.dropFirst()
        return sealed
    }

    /// What no route answers.
    func refuse(_ request: HTTPServerRequest, _ fault: RunnerFault) -> HTTPServerResponse {
        let correlation: String
        do throws(RunnerFault) { correlation = try RunnerCall.correlation(of: request).text } catch {
            correlation = "lean-unreadable"
        }
        let audit = Audit.object(
            .unrouted, at: house.time.now(), correlation: correlation, key: nil, isReplay: false)
        house.observations.note(.unrouted, took: .zero, failure: fault.taxonomy)
        return Audit.sealed(RunnerReply(fault), audit, correlation: correlation)
    }
}

extension RunnerFault {
    static let unauthorized = RunnerFault(
        401, .notSent, code: "unauthorized", detail: "the bearer's token is missing or wrong", taxonomy: .unauthorized)
}
