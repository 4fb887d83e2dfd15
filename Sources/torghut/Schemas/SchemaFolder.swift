import FoundationEssentials
import Schemas

/// A folder that holds schemas as files, or releases as folders of such files.
struct SchemaFolder {
    static let standard = "schemas"
    /// Far more than any schema of ours has.
    static let maximumFileBytes = 4 << 20

    let path: String

    init(_ path: String) { self.path = path }

    static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    func write(_ files: [SchemaFile]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for file in files { try Data(file.bytes).write(to: URL(filePath: "\(path)/\(file.name)"), options: .atomic) }
    }

    /// The folder of a release is made first and by one call, which fails when it is there.
    func add(release name: String, _ files: [SchemaFile]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let release = "\(path)/\(name)"
        guard !FileManager.default.fileExists(atPath: release) else {
            throw SchemaFolderError("\(release) is there already, and a release is never overwritten")
        }
        try FileManager.default.createDirectory(atPath: release, withIntermediateDirectories: false)
        try SchemaFolder(release).write(files)
    }

    /// The schemas in the folder itself; with none there, those of each release in it.
    func sets() throws -> [SchemaSet] {
        let own = try set()
        guard own.documents.isEmpty else { return [own] }
        let releases = try releases()
        guard !releases.isEmpty else { throw SchemaFolderError("there is no schema in \(path)") }
        return releases
    }

    func releases() throws -> [SchemaSet] {
        guard Self.isFolder(path) else { return [] }
        return try names().map { SchemaFolder("\(path)/\($0)") }.filter { Self.isFolder($0.path) }.map { try $0.set() }
    }

    private func set() throws -> SchemaSet {
        SchemaSet(
            try names().filter { $0.hasSuffix(EventSchema.fileEnding) }.map { name in
                let data = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
                return (Self.schemaName(name), try Self.document(Array(data), of: "\(path)/\(name)"))
            })
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    static func schemaName(_ file: String) -> String { String(file.dropLast(EventSchema.fileEnding.count)) }

    static func document(_ bytes: [UInt8], of place: String) throws -> JSONTree {
        guard bytes.count <= maximumFileBytes else {
            throw SchemaFolderError("\(place) is larger than maximumFileBytes, \(maximumFileBytes)")
        }
        do { return try JSONTree(parsing: bytes) } catch { throw SchemaFolderError("\(place): \(error)") }
    }
}

/// A folder or revision that is not what a command needs.
struct SchemaFolderError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
