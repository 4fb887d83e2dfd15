public import Core
internal import Glibc
internal import Synchronization

/// The embedded engine of the log: one folder, one writing process, any number of readers.
///
/// An append returns when it is on the disk; many that wait together share one write and one sync.
public final class Journal: Sendable {
    /// Made at random when the journal was; another journal is another log.
    public var identity: String { core.identity.id }
    public var path: String { core.folder.path }
    /// What opening found beyond the durable mark.
    public let recovery: JournalRecovery

    let core: JournalCore
    private let control: ControlServer?
    private let ending = Mutex(false)

    /// Opens the journal in this folder, and makes it when there is none.
    ///
    /// Refused while another process writes there, and when anything below the durable mark is damaged.
    public static func open(_ path: String, _ settings: JournalSettings = .init()) async throws(LogError) -> Journal {
        try await open(path, settings, on: SystemFiles())
    }

    package static func open(
        _ path: String, _ settings: JournalSettings = .init(), on layer: any FileLayer
    ) async throws(LogError) -> Journal {
        // A file that reaches its size limit is an error to be told, not a signal that kills.
        signal(SIGXFSZ, SIG_IGN)
        let (core, report, listener) = try await DiskWork().run { () throws(LogError) in
            try begin(path, settings, on: layer)
        }
        do {
            return Journal(
                core, report, try listener.map { listener throws(LogError) in try ControlServer(listener, core) })
        } catch {
            // The lock is the writer's by now.
            _ = try await core.commit(.stop, nil, 0)
            throw error
        }
    }

    /// All of opening that works on files, up to a writer that holds the lock.
    private static func begin(
        _ path: String, _ settings: JournalSettings, on layer: any FileLayer
    ) throws(LogError) -> (JournalCore, JournalRecovery, ControlListener?) {
        let folder = JournalFolder(path: path)
        do throws(FileError) {
            try layer.makeFolder(path)
            // The folder's own name must survive a power loss as well.
            try layer.syncFolder(folder.parent)
        } catch { throw error.during(.open) }
        let lock = try layer.lock(folder.lock, note: FolderLock.note())
        do {
            let opened = try Recovery(layer: layer, folder: folder).open(now: settings.clock())
            let core = JournalCore(layer, folder, settings, opened.picture)
            let listener = settings.control ? try ControlListener(path) : nil
            try WriterThread.start(core, lock: lock)
            return (core, opened.report, listener)
        } catch {
            layer.close(lock)
            throw error
        }
    }

    private init(_ core: JournalCore, _ recovery: JournalRecovery, _ control: ControlServer?) {
        self.core = core
        self.recovery = recovery
        self.control = control
    }

    /// Ends the writer after what was already handed to it.
    ///
    /// Appends that come later are refused.
    public func close() async {
        let first = ending.withLock { ending in
            defer { ending = true }
            return !ending
        }
        guard first else { return }
        await control?.stop()
        await core.endRetention()
        do { _ = try await core.commit(.stop, nil, 0) } catch { return }
    }

    deinit {
        let core = core
        let control = control
        if !ending.withLock({ $0 }) {
            Task {
                await control?.stop()
                await core.endRetention()
                _ = try await core.commit(.stop, nil, 0)
            }
        }
    }

    /// Writes records and positions as one: all of it is durable when this returns, or none of it is there.
    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try await core.append(append, as: nil)
    }

    /// Opens the writer of this name and fences the one that had it before.
    public func writer(named name: String) async throws(LogError) -> JournalWriter {
        JournalWriter(core, try await core.openWriter(name))
    }
}

/// A writer of its own name: of two with one name only the later can append.
public final class JournalWriter: Sendable {
    private let core: JournalCore
    private let token: WriterToken
    private let closed = Mutex(false)

    init(_ core: JournalCore, _ token: WriterToken) {
        self.core = core
        self.token = token
    }

    public var name: String { token.name }

    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        if closed.withLock({ $0 }) { throw LogError(.append, .closed) }
        return try await core.append(append, as: token)
    }

    public func close() {
        closed.withLock { $0 = true }
        core.names.close(token)
    }
}
