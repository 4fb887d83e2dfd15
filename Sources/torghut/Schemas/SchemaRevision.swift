import Foundation
import Schemas

/// The schemas as a revision of the repository has them, read through git.
struct SchemaRevision {
    let name: String

    /// A name that git could take for an option is none.
    init?(_ name: String) {
        guard !name.isEmpty, !name.hasPrefix("-"), !name.contains(":") else { return nil }
        self.name = name
    }

    func set() throws -> SchemaSet {
        let folder = SchemaFolder.standard
        let listed = try Self.git(["ls-tree", "-r", "--name-only", "--full-tree", name, "--", folder + "/"])
        let files = String(decoding: listed, as: UTF8.self).split(separator: "\n").filter { path in
            path.hasSuffix(EventSchema.fileEnding) && path.split(separator: "/").count == 2
        }
        guard !files.isEmpty else { throw SchemaFolderError("\(name) has no schemas in \(folder)/") }
        return SchemaSet(
            try files.map { path in
                let bytes = try Self.git(["show", "\(name):\(path)"])
                let file = String(path.dropFirst(folder.count + 1))
                return (SchemaFolder.schemaName(file), try SchemaFolder.document(bytes, of: "\(name):\(path)"))
            })
    }

    /// Errors of git reach the person as git says them.
    private static func git(_ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw SchemaFolderError("git \(arguments[0]) failed")
        }
        return Array(bytes)
    }
}
