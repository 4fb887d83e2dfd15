import Foundation

/// A folder for one benchmark, on the disk the benchmarks were started on, removed afterwards.
///
/// Not in a memory file system: the point of most of these figures is what a real sync costs.
struct Scratch {
    let path: String

    init(_ name: String) throws {
        path = ".build/bench-\(ProcessInfo.processInfo.processIdentifier)-\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func clear(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    func remove() throws { try FileManager.default.removeItem(atPath: path) }

    /// The bytes of all segment files of a journal in this folder.
    func segmentBytes(_ journal: String) throws -> Int {
        let folder = "\(path)/\(journal)"
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".seg") }.reduce(0) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\($1)")
            return $0 + (attributes[.size] as? Int ?? 0)
        }
    }
}
