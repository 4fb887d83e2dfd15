import Core
import Glibc
import Runtime

/// A PostgreSQL of `up`'s own, under the data folder: kept by a script that starts it again when it dies, and stops it
/// when `up` ends, in whatever way.
final class HousePostgres: Sendable {
    /// A new cluster on a slow disk takes its time.
    private static let readyLimit: Duration = .seconds(90)

    /// A server that is told to quit at once needs milliseconds; the rest of the five seconds belongs to the end itself.
    private static let quitLimit: Duration = .milliseconds(500)

    let service: UpService
    private let folder: String

    init(under dataFolder: String, _ script: String, _ log: UpLogFile, _ notes: UpNotes) {
        folder = "\(dataFolder)/postgres"
        service = UpService(
            UpChild.Order(
                name: "postgres", program: "/bin/bash", arguments: [script, "run", folder, "keep"],
                environment: UpSettings.processEnvironment(without: []), log: log), readyWithin: Self.readyLimit, notes)
    }

    /// Makes the cluster when there is none; answers the database's address when the server answers.
    func start() async throws -> String {
        let line = String(decoding: try await service.start(), as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "ready" else { throw UpFailure("postgres did not start: \(line)") }
        return String(words[2].filter { $0 != "\n" })
    }

    /// The server itself; another number after it was started again.
    ///
    /// The file outlives its server, and the number may be somebody else's by then: a server works in its data.
    var serverPID: pid_t? {
        let number = UpFolder.text(of: "\(folder)/data/postmaster.pid")?.split(separator: "\n").first
        guard let pid = number.flatMap({ pid_t($0) }), pid > 1 else { return nil }
        let (its, ours) = (Self.real("/proc/\(pid)/cwd"), Self.real("\(folder)/data"))
        return its != nil && its == ours ? pid : nil
    }

    private static func real(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Stops the server at once where the script has not done so by then, and waits until it is gone.
    func stop(by deadline: ContinuousClock.Instant) async -> Bool {
        let hadToKill = await service.stop(by: deadline)
        guard hadToKill, let server = serverPID else { return hadToKill }
        kill(server, SIGQUIT)
        let patience = ContinuousClock.now + Self.quitLimit
        while serverPID != nil, ContinuousClock.now < patience {
            // Cancelled: nobody waits any more.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
        return hadToKill
    }
}
