internal import Glibc

/// What the kernel says of this process, under the names that all of Prometheus' clients use.
public struct ProcessMetrics: Sendable {
    private let cpu: MeasuredCounter
    private let resident: Gauge
    private let virtual: Gauge
    private let threads: Gauge
    private let openFiles: Gauge
    private let maximumFiles: Gauge
    private let startedAt: Gauge

    /// Looks at every scrape.
    public init(in registry: Registry) {
        cpu = registry.measured("process_cpu_seconds_total", "Processor time of this process, in seconds.")
        resident = registry.gauge("process_resident_memory_bytes", "Memory that this process has in use.")
        virtual = registry.gauge("process_virtual_memory_bytes", "Addresses that this process has taken.")
        threads = registry.gauge("process_threads", "Threads of this process.")
        openFiles = registry.gauge("process_open_fds", "Files and sockets that this process has open.")
        maximumFiles = registry.gauge("process_max_fds", "Files and sockets that it may have open.")
        startedAt = registry.gauge("process_start_time_seconds", "When it started, in seconds since 1970.")
        let bootedAt = Self.bootedAt()
        registry.collect { [self] in look(bootedAt) }
    }

    private func look(_ bootedAt: Double) {
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            maximumFiles.set(Double(limit.rlim_cur))
        }
        if let open = Self.entries(of: "/proc/self/fd") { openFiles.set(open) }
        guard let text = Self.contents(of: "/proc/self/stat"), let end = text.lastIndex(of: ")") else { return }
        // The name before the bracket may hold spaces; what follows is numbered from the state, the third field.
        let fields = text[end...].dropFirst().split(separator: " ")
        func number(_ field: Int) -> Double { fields.count > field - 3 ? Double(fields[field - 3]) ?? 0 : 0 }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        cpu.set((number(14) + number(15)) / ticks)
        threads.set(number(20))
        startedAt.set(bootedAt + number(22) / ticks)
        virtual.set(number(23))
        resident.set(number(24) * Double(sysconf(Int32(_SC_PAGESIZE))))
    }

    private static func bootedAt() -> Double {
        let line = contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) } ?? 0
    }

    /// `nil` where there is no such file.
    private static func contents(of path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe read(file, &piece, piece.count)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// How many names a folder holds, but for itself, its parent and the look at it.
    private static func entries(of path: String) -> Int? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(folder) }
        var count = -3
        while unsafe readdir(folder) != nil { count += 1 }
        return max(0, count)
    }
}
