internal import Core
internal import Journal
internal import Threading

/// Gets writes to the journal: by holding its lock, or through the process that holds it.
actor WriteDesk {
    enum Access {
        case held(Journal)
        case remote(JournalRemote)
    }

    /// A holder may leave, or one may just be starting, between our look at the lock and our call to its socket.
    static let patience = Duration.seconds(5)
    static let pause = Duration.milliseconds(20)

    private let path: String
    private let settings: JournalSettings
    private(set) var held: Journal?
    private var remote: JournalRemote?
    private var isClosed = false
    private var isOpening = false
    private let opened = Arrivals()

    init(_ path: String, _ settings: JournalSettings) {
        self.path = path
        self.settings = settings
    }

    func access() async throws(LogError) -> Access {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            guard !isClosed else { throw LogError(.open, .closed) }
            if let held { return .held(held) }
            if let remote, remote.isConnected { return .remote(remote) }
            let seen = opened.count
            if isOpening {
                // Another caller of this process is at it: a second opening would find our own lock.
                await opened.wait(after: seen, until: deadline)
                continue
            }
            do throws(LogError) {
                return try await open()
            } catch {
                guard error.disposition == .retry, ContinuousClock.now < deadline else { throw error }
                // Cancelled while waiting: the failure itself says more than the cancellation.
                guard (try? await Task.sleep(for: Self.pause)) != nil else { throw error }
            }
        }
    }

    func close() async {
        isClosed = true
        if let held { await held.close() }
        if let remote { await remote.close() }
        held = nil
        remote = nil
    }

    private func open() async throws(LogError) -> Access {
        isOpening = true
        defer {
            isOpening = false
            opened.wake()
        }
        do throws(LogError) {
            let journal = try await Journal.open(path, settings)
            return .held(try await keep(journal))
        } catch {
            guard case .locked = error.reason else { throw error }
        }
        let connected = try await JournalRemote.connect(path)
        remote = connected
        return .remote(connected)
    }

    /// Keeps the journal, unless the log was closed while it was opened.
    private func keep(_ journal: Journal) async throws(LogError) -> Journal {
        guard !isClosed else {
            await journal.close()
            throw LogError(.open, .closed)
        }
        held = journal
        return journal
    }
}
