import Core
import HTTPClient
import Synchronization
import Threading

/// Says decisions to the API, each until it is answered, and holds all of them back while the API is away.
final class TraderVoice: Sendable {
    struct Tally: Sendable {
        var sent = 0
        var taken = 0
        var refused = 0
        var givenUp = 0
        var skipped = 0
        /// What the last trouble was, while it lasts.
        var trouble: String?
        var quietUntil = Duration.zero
        var pause = TraderVoice.firstPause
        var underWay = 0
    }

    static let firstPause = Duration.milliseconds(500)
    static let longestPause = Duration.seconds(15)
    /// So many decisions wait for an answer at once.
    static let maximumUnderWay = 16
    /// After so long nobody wants a decision any more.
    static let patience = Duration.seconds(60)

    private let address: String
    private let tokenFile: String
    private let pool = HTTPPool(lanes: 16, limits: HTTPLimits(totalTimeout: .seconds(10)))
    private let time = SystemTime()
    private let state = Mutex(Tally())

    init(address: String, tokenFile: String) {
        self.address = Escaping.base(address)
        self.tokenFile = tokenFile
    }

    /// What happened since the last time somebody asked.
    func takeTally() -> Tally {
        state.withLock { state in
            let now = state
            (state.sent, state.taken, state.refused, state.givenUp, state.skipped) = (0, 0, 0, 0, 0)
            return now
        }
    }

    /// Whether one more may be made now; one for which there is no room is not made at all.
    func begins() -> Bool {
        let now = time.uptime()
        return state.withLock { state in
            guard state.underWay < Self.maximumUnderWay, now >= state.quietUntil else {
                state.skipped += 1
                return false
            }
            state.underWay += 1
            return true
        }
    }

    func say(_ decision: [UInt8]) async {
        let start = time.uptime()
        defer { state.withLock { $0.underWay -= 1 } }
        while !Task.isCancelled {
            guard let pause = await ask(decision) else { return }
            guard time.uptime() - start + pause < Self.patience else {
                return state.withLock { $0.givenUp += 1 }
            }
            // Cancelled: nobody says anything more.
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// How long to wait before the same is said again; `nil` when it was answered.
    private func ask(_ decision: [UInt8]) async -> Duration? {
        let token = TokenFile.read(tokenFile)
        guard let token else { return hold(for: nil, "no token in \(tokenFile)") }
        state.withLock { $0.sent += 1 }
        let exchange = await pool.exchange(
            HTTPRequest(
                .post, address + "/trading/decisions",
                headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
                body: decision))
        switch exchange.result {
        case .failure: return hold(for: nil, "the API does not answer")
        case .success(let response):
            switch response.status {
            case 200..<300:
                state.withLock { state in
                    state.taken += 1
                    (state.trouble, state.pause, state.quietUntil) = (nil, Self.firstPause, .zero)
                }
                return nil
            case 401, 403, 429, 500..<600:
                return hold(
                    for: response.header("Retry-After").flatMap { Int64($0) }, "the API says \(response.status)")
            default:
                state.withLock { state in
                    state.refused += 1
                    state.trouble = "the API refused a decision with \(response.status)"
                }
                return nil
            }
        }
    }

    /// Everybody waits, each time longer; what the API asks for counts, up to a limit.
    private func hold(for seconds: Int64?, _ trouble: String) -> Duration {
        let now = time.uptime()
        return state.withLock { state in
            let pause = min(Self.longestPause, max(seconds.map { .seconds($0) } ?? .zero, state.pause))
            // Of many that fail at once one makes the pause longer.
            if now >= state.quietUntil { state.pause = min(Self.longestPause, state.pause * 2) }
            state.quietUntil = max(state.quietUntil, now + pause)
            state.trouble = trouble
            return state.quietUntil - now
        }
    }
}

/// A file that holds one token and nothing else; read each time, because tokens change.
enum TokenFile {
    static func read(_ path: String) -> String? {
        guard let bytes = DiskFile.read(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return text.isEmpty ? nil : text
    }
}
