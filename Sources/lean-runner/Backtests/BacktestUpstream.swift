import HTTPClient
import HTTPServer

/// Backtests that another runner does: asked in its words, and its answers passed on with what they prove.
struct BacktestUpstream: Sendable {
    private let proxy: UpstreamProxy

    init(_ proxy: UpstreamProxy) { self.proxy = proxy }

    func submit(
        _ config: Document, _ identity: BacktestIdentity, _ call: RunnerCall
    ) async throws(RunnerFault) -> RunnerReply {
        let body: Document = .object(["lane": .string(identity.lane.rawValue), "config": config])
        let answer = try await proxy.ask(.post, "/submit", body: body, call)
        return RunnerReply(try marked(answer, call))
    }

    func get(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        RunnerReply(try marked(try await run(call), call))
    }

    func artifacts(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let answer = try await run(call)
        return RunnerReply(
            .object([
                "run_id": .string(call.parameters["id"]),
                "artifacts": answer["result"]?["artifacts"] ?? answer["artifacts"],
                "artifact_authority": BacktestAuthority.upstream, "promotion_authority_eligible": .bool(false),
            ]))
    }

    /// An id of the upstream's own making; only what can be no other path is passed on.
    private func run(_ call: RunnerCall) async throws(RunnerFault) -> Document {
        let id = call.parameters["id"]
        let isPlain = id.utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "-" || scalar == "_"
        }
        guard isPlain, (1...64).contains(id.utf8.count) else { throw .missing("backtest_not_found") }
        do throws(RunnerFault) { return try await proxy.ask(.get, "/\(id)", call) } catch {
            // It has no such run: who asked must learn that in our words, else he asks for ever.
            if error.status == 404 { throw .missing("backtest_not_found") }
            throw error
        }
    }

    /// With its authority plainly said; an answer that names no run or no status breaks the contract.
    private func marked(_ answer: Document, _ call: RunnerCall) throws(RunnerFault) -> Document {
        guard answer["backtest_id"]?.string != nil,
            let status = answer["status"]?.string, BacktestState.Status(rawValue: status) != nil
        else { throw .failed(call.operation, .upstream, "lean_upstream_invalid_payload") }
        // Whatever it calls itself: the runner saw no data, so it vouches for none.
        var marked = BacktestAuthority.withoutClaims(answer)
        if let result = marked["result"], result.fields != nil {
            marked = marked.with("result", result.with("authority", BacktestAuthority.upstream))
        }
        return marked.with("authority_mode", .string("unverified_replay"))
            .with("authority", BacktestAuthority.upstream)
    }
}
