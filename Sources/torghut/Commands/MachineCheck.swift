import Glibc
import Runtime

/// One look at the machine.
struct MachineCheck {
    let check: String
    let found: String
    /// How to mend it; `nil` when there is nothing to mend.
    let mend: String?

    var isGood: Bool { mend == nil }

    /// Below this much room a journal soon stops.
    static let leastFreeBytes: Int64 = 1 << 30
    /// A slower fsync makes each append wait visibly.
    static let slowestSync: Duration = .milliseconds(50)
    /// Segments, sockets and Kafka connections together.
    static let leastDescriptors: UInt64 = 1_024

    static func all(_ settings: Settings) -> [MachineCheck] {
        let folder = settings.dataFolder
        let existing = nearestExisting(folder)
        return (isInstalled(settings) ? [] : workshop) + [
            tool("bash", package: "bash"), tool("flock", package: "util-linux"),
            tool("setpriv", package: "util-linux"), database(),
        ] + programs() + files(settings.installedFiles) + [
            port(), writable(folder, existing), reachable(existing), space(existing), memory(), sync(existing),
            descriptors(),
        ]
    }

    /// What whoever builds and tests needs, and whoever runs a release does not.
    private static var workshop: [MachineCheck] {
        [
            tool("git", package: "git"), tool("make", package: "make"), tool("kcat", package: "kcat"),
            tool("lz4", package: "lz4"),
        ]
    }

    /// A release carries its bill of materials; sources do not.
    private static func isInstalled(_ settings: Settings) -> Bool {
        do throws(SettingsProblems) { _ = try settings.installedFiles.path(of: InstalledFiles.bill) } catch {
            return false
        }
        return true
    }

    private static func tool(_ name: String, package: String) -> MachineCheck {
        guard let path = inPath(name) else {
            return MachineCheck(check: name, found: "not in PATH", mend: "apt-get install \(package), or make setup")
        }
        return MachineCheck(check: name, found: path, mend: nil)
    }

    static func inPath(_ name: String) -> String? {
        let folders = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
        return folders.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }

    /// The folder itself, or the one it would be made in.
    private static func nearestExisting(_ folder: String) -> String {
        var path = folder
        while unsafe access(path, F_OK) != 0 {
            guard let slash = path.lastIndex(of: "/") else { return "." }
            path = String(path[..<slash])
            if path.isEmpty { return "/" }
        }
        return path
    }

    private static func writable(_ folder: String, _ existing: String) -> MachineCheck {
        let good = unsafe access(existing, W_OK | X_OK) == 0
        return MachineCheck(
            check: "data folder", found: existing == folder ? folder : "\(folder) (not there yet)",
            mend: good ? nil : "make \(existing) writable, or set TORGHUT_DATA_DIR")
    }

    private static func space(_ folder: String) -> MachineCheck {
        var room = statvfs()
        guard unsafe statvfs(folder, &room) == 0 else {
            return MachineCheck(
                check: "free space", found: "unknown", mend: "check that \(folder) is on a mounted disk")
        }
        let free = Int64(room.f_bavail) * Int64(room.f_frsize)
        return MachineCheck(
            check: "free space", found: "\(free >> 20) MiB",
            mend: free >= leastFreeBytes
                ? nil : "free \(leastFreeBytes >> 20) MiB, or set TORGHUT_DATA_DIR to another disk")
    }

    /// The middle one of some small writes, each followed by fsync.
    private static func sync(_ folder: String) -> MachineCheck {
        let path = "\(folder)/.torghut-doctor-\(getpid())"
        let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return MachineCheck(check: "fsync", found: "cannot write", mend: "make \(folder) writable")
        }
        defer {
            close(descriptor)
            _ = unsafe unlink(path)
        }
        let block = [UInt8](repeating: 0x55, count: 4_096)
        var times: [Duration] = []
        for _ in 0..<9 {
            let start = ContinuousClock.now
            guard unsafe write(descriptor, block, block.count) == block.count, fsync(descriptor) == 0 else {
                return MachineCheck(
                    check: "fsync", found: TerminalError.text(errno), mend: "use a disk on which fsync works")
            }
            times.append(start.duration(to: .now))
        }
        let middle = times.sorted()[times.count / 2]
        return MachineCheck(
            check: "fsync", found: "\(Int(middle / .microseconds(1))) µs",
            mend: middle <= slowestSync ? nil : "put the data folder on a faster disk")
    }

    private static func descriptors() -> MachineCheck {
        var limit = rlimit()
        let known = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let good = known && UInt64(limit.rlim_cur) >= leastDescriptors
        return MachineCheck(
            check: "open files", found: known ? "\(limit.rlim_cur)" : "unknown",
            mend: good ? nil : "ulimit -n \(leastDescriptors)")
    }
}
