internal import Glibc
internal import JSON

/// A running process of the house as its file in the data folder shows it, and where it can be told to look at the stop.
public struct RunningProcess: Sendable, Equatable {
    public let process: String
    public let pid: Int32
    public let port: UInt16
    public let roles: [String]

    public init(process: String, pid: Int32, port: UInt16, roles: [String]) {
        self.process = process
        self.pid = pid
        self.port = port
        self.roles = roles
    }

    /// Where its control port is.
    public var address: String { "http://127.0.0.1:\(port)" }

    static func folder(in dataFolder: String) -> String { "\(dataFolder)/run" }

    /// Those that run now, by their pids.
    ///
    /// Whoever runs holds a lock on its file, which the kernel drops when it dies: an unlocked file is left over from a
    /// process that was killed, and is removed.
    public static func all(in dataFolder: String) -> [RunningProcess] {
        let folder = folder(in: dataFolder)
        guard let listing = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(listing) }
        var found: [RunningProcess] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            guard name.hasSuffix(".json"), !name.hasPrefix(".") else { continue }
            if let process = read("\(folder)/\(name)") { found.append(process) }
        }
        return found.sorted { $0.pid < $1.pid }
    }

    private static func read(_ path: String) -> RunningProcess? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) != 0 else {
            unsafe unlink(path)
            return nil
        }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            count = unsafe max(Glibc.read(file, buffer.baseAddress, buffer.count), 0)
        }
        return RunningProcess(json: bytes)
    }

    var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("process")
            json.string(process)
            json.key("pid")
            json.integer(pid)
            json.key("port")
            json.integer(port)
            json.key("roles")
            json.array { json in for role in roles { json.string(role) } }
        }
        return json.finish() + [UInt8(ascii: "\n")]
    }

    init?(json bytes: [UInt8]) {
        var parser = JSONParser()
        do {
            let root = try parser.parse(bytes)
            guard let process = root.field("process")?.string, let pid = root.field("pid")?.int64,
                let port = root.field("port")?.int64, var listed = root.field("roles")?.elements()
            else { return nil }
            var roles: [String] = []
            while let role = listed.next() { if let name = role.string { roles.append(name) } }
            self.init(
                process: process, pid: Int32(truncatingIfNeeded: pid), port: UInt16(truncatingIfNeeded: port),
                roles: roles)
        } catch { return nil }
    }
}

/// The file by which this process can be found, there as long as the process is.
@safe public final class ProcessCard: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Written whole and locked before it gets its name.
    public init(_ process: RunningProcess, in dataFolder: String) throws(KillLatchError) {
        let folder = RunningProcess.folder(in: dataFolder)
        try LatchFile.makeFolder(folder)
        path = "\(folder)/\(process.pid).json"
        let temporary = "\(folder)/.\(process.pid)"
        let file = unsafe open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        descriptor = file
        guard file >= 0 else { throw KillLatchError("create", temporary, errno) }
        let bytes = process.json
        // Safe: the pointer is used only inside the call.
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, flock(file, LOCK_EX | LOCK_NB) == 0, unsafe rename(temporary, path) == 0 else {
            let failure = KillLatchError("write", temporary, errno)
            unsafe unlink(temporary)
            close(file)
            throw failure
        }
    }

    /// Removed before it is unlocked: nobody else's file is ever taken away.
    deinit {
        unsafe unlink(path)
        close(descriptor)
    }
}
