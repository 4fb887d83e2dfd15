internal import Core
internal import Domain
internal import JSON

/// What the runner says of a run, read strictly: an answer that breaks the contract is none.
struct RunnerAnswer {
    let id: String
    let status: BacktestStatus
    let reproducibilityHash: String?
    let replayHash: ContentHash?
    let deterministic: Bool?
    let authority: AuthorityMode?
    let result: CompactJSON?
    let artifacts: CompactJSON?
    let failure: String?
    let reason: String?

    init(_ bytes: [UInt8]) throws(LaneFault) {
        var parser = JSONParser()
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch { throw Self.breach("the answer is \(error)") }
        guard root.kind == .object, let id = root.field("backtest_id")?.string, !id.isEmpty else {
            throw Self.breach("the answer names no backtest_id")
        }
        guard let status = root.field("status")?.string.flatMap(BacktestStatus.init(rawValue:)) else {
            throw Self.breach("the answer's status is no word of ours")
        }
        self.id = id
        self.status = status
        reproducibilityHash = root.field("reproducibility_hash")?.string
        replayHash = try Self.hash(root.field("replay_hash")?.string)
        deterministic = root.field("deterministic_replay_passed")?.bool
        authority = root.field("authority_mode")?.string.flatMap(AuthorityMode.init(rawValue:))
        result = try Self.compact(root.field("result"))
        artifacts = try Self.compact(root.field("artifacts"))
        failure = root.field("failure_taxonomy")?.string
        reason = root.field("reason")?.string
    }

    private static func breach(_ reason: String) -> LaneFault { LaneFault(.contractViolation, reason: reason) }

    private static func hash(_ text: String?) throws(LaneFault) -> ContentHash? {
        guard let text else { return nil }
        do { return try unsafe ContentHash.read(text.utf8.span.bytes) } catch {
            throw breach("replay_hash is no SHA-256")
        }
    }

    private static func compact(_ value: JSONValue?) throws(LaneFault) -> CompactJSON? {
        guard let value, !value.isNull else { return nil }
        var text: [UInt8] = []
        value.minify(into: &text)
        guard text.count <= CompactJSON.maximumBytes else { throw breach("the result is too large for an event") }
        return CompactJSON(trusted: text)
    }

    /// The code of an answer that is an error, as `backtest_not_found`.
    static func code(of body: [UInt8]) -> String? {
        var parser = JSONParser()
        do { return try parser.parse(body).field("code")?.string } catch { return nil }
    }

    static func detail(of body: [UInt8]) -> String? {
        var parser = JSONParser()
        do { return try parser.parse(body).field("detail")?.string } catch { return nil }
    }
}
