public import Core
internal import Synchronization

/// A writer of its own name in a journal that another process holds: of two with one name, opened there or anywhere,
/// only the later can append.
///
/// It ends with its connection.
public final class JournalRemoteWriter: Sendable {
    private let remote: JournalRemote
    private let token: WriterToken
    private let closed = Mutex(false)

    init(_ remote: JournalRemote, _ token: WriterToken) {
        self.remote = remote
        self.token = token
    }

    public var name: String { token.name }

    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        if closed.withLock({ $0 }) { throw LogError(.append, .closed) }
        return try await remote.append(append, as: token)
    }

    public func close() async {
        let first = closed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        guard first else { return }
        // With the connection lost, the holder has let the name go already.
        do { _ = try await remote.call(.closeWriter(token)) } catch { return }
    }
}
