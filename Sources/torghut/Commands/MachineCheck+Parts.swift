import Glibc
import Runtime

/// What `up` starts, and what it stands on.
extension MachineCheck {
    /// The roles, a database, a broker, a runner and a page want some of it.
    private static let leastMemoryBytes = 512 << 20

    /// The server that `deploy/postgres/private-postgres.sh` finds.
    static func database() -> MachineCheck {
        let named = unsafe getenv("TORGHUT_PG_BIN").map { unsafe String(cString: $0) }
        let beside = inPath("postgres").map { String($0.dropLast("/postgres".count)) }
        let places = [named].compactMap { $0 } + ["/usr/lib/postgresql/15/bin"] + [beside].compactMap { $0 }
        for place in places where unsafe access("\(place)/initdb", X_OK) == 0 && access("\(place)/pg_ctl", X_OK) == 0 {
            return MachineCheck(check: "PostgreSQL", found: place, mend: nil)
        }
        return MachineCheck(
            check: "PostgreSQL", found: "no initdb and pg_ctl",
            mend: "apt-get install postgresql-15, or make setup, or name its bin folder in TORGHUT_PG_BIN")
    }

    /// The programs that lie beside this one.
    static func programs() -> [MachineCheck] {
        ["torghut-sim", "lean-runner"].map { name in
            do {
                return MachineCheck(check: name, found: try UpPrograms.path(name), mend: nil)
            } catch {
                return MachineCheck(check: name, found: "not beside torghut", mend: "make up builds it")
            }
        }
    }

    /// Files that come with the program, and the script that draws charts.
    static func files(_ installed: InstalledFiles) -> [MachineCheck] {
        let own = [
            ("tables", InstalledFiles.migrations), ("database script", InstalledFiles.privatePostgres),
            ("console", "deploy/console"),
        ]
        var checks = own.map { check, name in
            do throws(SettingsProblems) {
                return MachineCheck(check: check, found: try installed.path(of: name), mend: nil)
            } catch {
                return MachineCheck(
                    check: check, found: "no \(name)", mend: "name the folder that holds \(name) in TORGHUT_HOME")
            }
        }
        let charts =
            unsafe getenv("TORGHUT_CONSOLE_CHARTS").map { unsafe String(cString: $0) }
            ?? "/usr/share/javascript/chart.js/chart.min.js"
        let isThere = unsafe access(charts, R_OK) == 0
        checks.append(
            MachineCheck(
                check: "charts", found: isThere ? charts : "no \(charts)",
                mend: isThere ? nil : "apt-get install libjs-chart.js, or make setup"))
        return checks
    }

    /// Where the console will be; a port that is taken is no fault, there are others.
    static func port() -> MachineCheck {
        do {
            let chosen = try UpPorts().chosen(api: nil).api
            let note = chosen == UpPorts.usualAPI ? "" : " (\(UpPorts.usualAPI) is taken)"
            return MachineCheck(check: "port", found: "127.0.0.1:\(chosen)\(note)", mend: nil)
        } catch {
            return MachineCheck(check: "port", found: "none is free", mend: "\(error)")
        }
    }

    /// A server does not run as root: another user has to come to his folder.
    static func reachable(_ folder: String) -> MachineCheck {
        guard geteuid() == 0 else {
            return MachineCheck(check: "database folder", found: "ours", mend: nil)
        }
        guard let whole = unsafe realpath(folder, nil) else {
            return MachineCheck(check: "database folder", found: "unknown", mend: "check that \(folder) is there")
        }
        defer { unsafe free(whole) }
        var path = unsafe String(cString: whole)
        while path.count > 1 {
            var found = stat()
            guard unsafe stat(path, &found) == 0, found.st_mode & 0o001 != 0 else {
                return MachineCheck(
                    check: "database folder", found: "only root can enter \(path)",
                    mend: "chmod o+x \(path), or name another folder in TORGHUT_DATA_DIR")
            }
            path = path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
        }
        return MachineCheck(check: "database folder", found: "can be reached by its server", mend: nil)
    }

    static func memory() -> MachineCheck {
        let lines = UpFolder.text(of: "/proc/meminfo")?.split(separator: "\n") ?? []
        let words = lines.first { $0.hasPrefix("MemAvailable:") }?.split(separator: " ") ?? []
        guard words.count > 1, let kilobytes = Int(words[1]) else {
            return MachineCheck(check: "free memory", found: "unknown", mend: "mount /proc")
        }
        let isEnough = kilobytes << 10 >= leastMemoryBytes
        return MachineCheck(
            check: "free memory", found: "\(kilobytes >> 10) MiB",
            mend: isEnough ? nil : "end what is not needed: \(leastMemoryBytes >> 20) MiB should be free")
    }
}
