public import Bus
public import Core
internal import Journal
internal import Kafka

/// The log that the settings name, open for one purpose and closed afterwards.
public struct OpenedLog: Sendable {
    public enum Purpose: Sendable {
        /// Takes no lock and makes nothing.
        case read
        /// Takes the journal's lock, or sends to the process that has it.
        case append
        /// As for reading; a journal that is not there yet is an empty one.
        case inspect
        /// As for appending, and makes the journal when there is none.
        case administer
        /// Takes the journal's lock or fails, naming the holder.
        case hold
        /// Touches nothing yet; `holdIfFree` takes the lock when the time has come.
        case serve
    }

    public let log: any EventLog
    /// Tells this log from every other: an archive belongs to one.
    public let identity: String
    /// The engine itself, where this process holds it.
    public let journal: JournalLog?

    /// Opens the log, with an archive in front of it if one is named, and closes it when the body is done.
    public static func using<Result>(
        _ settings: Settings, to purpose: Purpose, archive: String? = nil, watch: LogWatch? = nil,
        _ body: (OpenedLog) async throws -> Result
    ) async throws -> Result {
        let opened = try await open(settings, to: purpose, watch)
        do {
            let log = try await opened.behind(archive)
            let result = try await body(log)
            await opened.log.close()
            return result
        } catch {
            await opened.log.close()
            throw error
        }
    }

    /// Takes the journal's lock, and makes the journal when there is none.
    ///
    /// When another process has the lock, its name comes back: appends go through it.
    public func holdIfFree(_ settings: Settings) async throws(LogError) -> String? {
        guard case .journal(let folder) = settings.log, let journal else { return nil }
        try FolderMaking.makeParent(of: folder)
        do {
            _ = try await journal.hold()
            return nil
        } catch {
            guard case .locked(let holder) = error.reason else { throw error }
            return holder
        }
    }

    private func behind(_ archive: String?) async throws(LogError) -> OpenedLog {
        guard let archive else { return self }
        let stitched = try await ArchivedLog(archive, inFrontOf: log, logID: identity)
        return OpenedLog(log: stitched, identity: identity, journal: nil)
    }

    private static func open(
        _ settings: Settings, to purpose: Purpose, _ watch: LogWatch?
    ) async throws(LogError) -> OpenedLog {
        switch settings.log {
        case .journal(let folder):
            let opened = try await openJournal(folder, to: purpose)
            if let journal = opened.journal { watch?.watch(journal.statistics) }
            return opened
        case .kafka(let servers):
            var kafka = KafkaSettings(bootstrap: servers, properties: settings.kafkaProperties)
            if let watch {
                kafka.statisticsInterval = LogWatch.every
                kafka.statistics = { watch.take($0) }
            }
            let log = try KafkaLog(kafka)
            return OpenedLog(log: log, identity: settings.logID ?? "kafka:\(servers)", journal: nil)
        case .archive(let folder):
            let identity = try Archive(opening: folder).manifest.logID
            return OpenedLog(log: try ArchivedLog(reading: folder), identity: identity, journal: nil)
        }
    }

    private static func openJournal(_ folder: String, to purpose: Purpose) async throws(LogError) -> OpenedLog {
        let log = JournalLog(folder)
        switch purpose {
        case .read, .append:
            guard JournalView.exists(at: folder) else {
                throw LogError(
                    .open,
                    .refused("there is no journal at \(folder); 'torghut topics apply' or 'torghut up' makes one"))
            }
        case .inspect, .serve:
            break
        case .administer:
            try FolderMaking.makeParent(of: folder)
        case .hold:
            try FolderMaking.makeParent(of: folder)
            _ = try await log.hold()
        }
        let identity = JournalView.exists(at: folder) ? try await JournalView.take(folder).identity : ""
        return OpenedLog(log: log, identity: identity, journal: log)
    }
}
