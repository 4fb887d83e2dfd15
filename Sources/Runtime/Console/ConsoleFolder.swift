internal import API
internal import Glibc

/// The console's files, read from disk once: the folder that comes with the program, and the library that draws charts.
///
/// What is there when the process starts is what is served; nothing is looked for later, so no request reaches the disk.
struct ConsoleFolder: Sendable {
    static let name = "deploy/console"
    /// The library, under the name that pages load it by.
    static let charts = "chart.min.js"
    /// Where Debian's package puts it.
    static let standardCharts = "/usr/share/javascript/chart.js/chart.min.js"
    static let package = "libjs-chart.js"

    static let maximumFiles = 64
    static let maximumFileBytes = 1 << 20

    private(set) var files: [String: ConsoleFile] = [:]
    /// Why pages cannot be shown, and what to do about it.
    private(set) var fault: String?

    /// `folder` is `nil` where it was not found.
    init(_ folder: String?, charts: String) {
        guard let folder else {
            fault = "the console's files (\(Self.name)) were not found; name the folder that holds them in TORGHUT_HOME"
            return
        }
        do throws(Fault) {
            let names = try Self.names(in: folder)
            guard names.count <= Self.maximumFiles else {
                throw Fault("\(Self.name) has more than \(Self.maximumFiles) files")
            }
            for (name, kind) in names { files[name] = ConsoleFile(kind, try Self.contents("\(folder)/\(name)")) }
        } catch { fault = error.text }
        do throws(Fault) { files[Self.charts] = ConsoleFile(.script, try Self.contents(charts)) } catch {
            fault = """
                the library that draws charts is missing: \(error.text); install \(Self.package) \
                (apt-get install \(Self.package)), or name the file in TORGHUT_CONSOLE_CHARTS, and start again
                """
        }
    }

    private struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// The names that can be served; others are left alone.
    private static func names(in folder: String) throws(Fault) -> [(name: String, kind: ConsoleFile.Kind)] {
        guard let listing = unsafe opendir(folder) else { throw Fault("\(name) cannot be read") }
        defer { unsafe closedir(listing) }
        var names: [(String, ConsoleFile.Kind)] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                // Safe: the field ends in a NUL.
                unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
            }
            if let kind = ConsoleFile.Kind(of: name) { names.append((name, kind)) }
        }
        return names
    }

    private static func contents(_ path: String) throws(Fault) -> [UInt8] {
        let name = String(path.split(separator: "/").last ?? "")
        guard let file = unsafe fopen(path, "re") else { throw Fault("\(name) cannot be read") }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumFileBytes + 1)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        guard unsafe ferror(file) == 0, count > 0 else { throw Fault("\(name) is empty, or cannot be read") }
        guard count <= maximumFileBytes else { throw Fault("\(name) is larger than \(maximumFileBytes) bytes") }
        return Array(bytes.prefix(count))
    }
}
