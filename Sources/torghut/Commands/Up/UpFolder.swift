import Core
import Foundation
import Glibc
import JSON
import Runtime
import Threading

/// The data folder of `up`, which says of itself who began it: what is in it comes from a simulated broker alone, and
/// never meets a real one.
struct UpFolder: Sendable {
    /// What `up` and the roles in it make: all of it, and nothing else, is deleted by `--fresh`.
    static let contents = [
        "journal", "postgres", "runner", "simulator", "logs", "run", "snapshots", "KILL", cardName, tokensName,
        traderTokenName, portsName, beginningName,
    ]
    static let cardName = "up.json"
    static let tokensName = "up-tokens"
    static let traderTokenName = "up-trader-token"
    static let portsName = "up-ports"
    static let lockName = "up.lock"
    /// Says that the folder is one of `up`'s, and which broker its data is of.
    static let beginningName = "up-began"

    let path: String

    subscript(_ name: String) -> String { "\(path)/\(name)" }

    var isOurs: Bool { unsafe access(self[Self.beginningName], F_OK) == 0 }

    /// Whether anything of a log is there.
    var hasLog: Bool { unsafe access(self["journal"], F_OK) == 0 }

    /// Refuses a folder that is somebody else's, before anything in it is touched: who takes one over would delete from
    /// it the next time, and roles that work there for a real broker would no longer start.
    func check() throws {
        guard !isOurs, unsafe access(path, F_OK) == 0 else { return }
        let found = try FileManager.default.contentsOfDirectory(atPath: path).filter { name in
            // What an `up` that was killed at its very beginning leaves.
            name != Self.lockName && !(name == "logs" && isEmpty(name))
        }
        guard let first = found.min() else { return }
        throw UpFailure(
            """
            \(path) is in use and 'torghut up' did not begin it (there is \(hasLog ? "a journal" : first)); nothing was \
            changed. Name another folder: torghut up --data DIR
            """)
    }

    /// Whether a process writes the journal here: `torghut run` may work on what `up` has begun.
    var isLogHeld: Bool {
        let file = unsafe open(self["journal/lock"], O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0
    }

    private func isEmpty(_ name: String) -> Bool {
        do { return try FileManager.default.contentsOfDirectory(atPath: self[name]).isEmpty } catch { return false }
    }

    /// Writes down whose folder it is, once.
    func begin(at now: Timestamp) throws {
        guard !isOurs else { return }
        var json = JSONWriter()
        json.object { json in
            for (name, value) in [("made_by", "torghut up"), ("broker", "simulated"), ("began_at", "\(now)")] {
                json.key(name)
                json.string(value)
            }
        }
        json.newline()
        try put(json.finish(), in: Self.beginningName)
    }

    /// What `up` let trade in its folder was meant for a simulated broker: no other one is ever run on it.
    static func refuseOtherBroker(_ settings: Settings) throws(UsageError) {
        let broker = settings.value(of: "APCA_API_BASE_URL")
        let keys = settings.value(of: "APCA_API_KEY_ID")
        guard broker != nil || keys != nil, UpFolder(path: settings.dataFolder).isOurs else { return }
        if let broker, broker == settings.value(of: "TORGHUT_SIMULATOR_URL") { return }
        throw UsageError(
            "\(settings.dataFolder) was begun by 'torghut up' and is for its simulated broker alone, and the environment "
                + "names another one (APCA_…); name another folder: --data DIR, or TORGHUT_DATA_DIR")
    }

    /// Deletes what `up` made here, and nothing else; answers what it left.
    func clear() throws -> [String] {
        guard isOurs else { return [] }
        // The word that it is ours goes last: who is interrupted may begin again.
        for name in Self.contents { try Self.remove(self[name]) }
        return try others()
    }

    /// What is here that `up` did not make.
    private func others() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { !Self.contents.contains($0) && $0 != Self.lockName }.sorted()
    }

    /// What lies behind a link stays: only the link goes.
    private static func remove(_ path: String) throws {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// Whole or not at all, and for its owner alone.
    func put(_ bytes: [UInt8], in name: String) throws {
        let fresh = self[".\(name).new"]
        let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UpFailure("\(fresh) cannot be written: \(TerminalError.text(errno))") }
        let written = unsafe write(descriptor, bytes, bytes.count)
        fchmod(descriptor, 0o600)
        close(descriptor)
        guard written == bytes.count, unsafe rename(fresh, self[name]) == 0 else {
            throw UpFailure("\(self[name]) cannot be written: \(TerminalError.text(errno))")
        }
    }

    func removeCard() { _ = unsafe unlink(self[Self.cardName]) }

    func make() throws {
        for folder in [path, self["logs"]] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Read to its end: files of the system have no size.
    static func text(of path: String) -> String? {
        guard let file = unsafe fopen(path, "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < maximumTextBytes {
            let count = unsafe fread(&piece, 1, piece.count, file)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let maximumTextBytes = 1 << 20
}
