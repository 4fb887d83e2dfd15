internal import Glibc

/// Files that come with the program: migrations, scripts.
///
/// They are looked for under `TORGHUT_HOME`; without it beside the program, in the folders above it and in their
/// `share/torghut`, and last in the current folder.
public struct InstalledFiles: Sendable {
    public static let variable = "TORGHUT_HOME"
    public static let migrations = "schemas/sql"
    /// What a release is made of; only a release has it.
    public static let bill = "sbom.cdx.json"
    public static let privatePostgres = "deploy/postgres/private-postgres.sh"

    private let folders: [String]

    public init(environment: [String: String]) {
        if let home = environment[Self.variable] {
            folders = [home]
            return
        }
        var parts = Self.programFolder.split(separator: "/")[...]
        var folders: [String] = []
        while !parts.isEmpty {
            let folder = "/" + parts.joined(separator: "/")
            folders += [folder, folder + "/share/torghut"]
            parts.removeLast()
        }
        self.folders = folders + ["."]
    }

    /// Where a file or folder lies.
    public func path(of name: String) throws(SettingsProblems) -> String {
        for folder in folders where unsafe access("\(folder)/\(name)", R_OK) == 0 { return "\(folder)/\(name)" }
        throw SettingsProblems(problems: [
            "\(name) was not found beside the program or above it; name the folder that holds it in \(Self.variable)"
        ])
    }

    private static var programFolder: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        let bytes = path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "/").dropLast().joined(separator: "/")
    }
}
