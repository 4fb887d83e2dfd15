internal import Core
internal import Synchronization

/// One opening of a writer's name.
struct WriterToken: Hashable, Sendable {
    let name: String
    let epoch: UInt64
}

/// Which opening of each name is the latest.
///
/// Only one process writes, so names need not outlive it.
final class WriterNames: Sendable {
    private struct State {
        var latest: [String: UInt64] = [:]
        var epoch: UInt64 = 0
    }

    private let state = Mutex(State())
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    func open(_ name: String) throws(LogError) -> WriterToken {
        let (allowed, actual) = (LogLimits.maximumWriterNameBytes, name.utf8.count)
        guard actual <= allowed else {
            throw LogError(.open, .limitExceeded(name: "maximumWriterNameBytes", allowed: allowed, actual: actual))
        }
        let token = state.withLock { state -> WriterToken? in
            guard state.latest[name] != nil || state.latest.count < maximum else { return nil }
            state.epoch += 1
            state.latest[name] = state.epoch
            return WriterToken(name: name, epoch: state.epoch)
        }
        guard let token else {
            throw LogError(.open, .limitExceeded(name: "maximumWriters", allowed: maximum, actual: maximum + 1))
        }
        return token
    }

    func isLatest(_ token: WriterToken) -> Bool { state.withLock { $0.latest[token.name] == token.epoch } }

    func close(_ token: WriterToken) {
        state.withLock { state in
            if state.latest[token.name] == token.epoch { state.latest[token.name] = nil }
        }
    }
}
