import Backtesting
import Bus
import Core
import Digest
import Glibc

/// The one folder from which market data is read.
enum DataFolder {
    /// The real path of a source; refused when it, or a link on the way, leads out of the folder.
    static func place(of path: String, in folder: String) throws(SourceFault) -> String {
        guard let root = real(folder) else { throw SourceFault(path, "the folder of market data does not exist") }
        guard let place = real("\(root)/\(path)") else {
            throw SourceFault(path, "is not there (the folder of market data is LEAN_BACKTEST_DATA_FOLDER)")
        }
        guard place.hasPrefix(root + "/") else { throw SourceFault(path, "leads out of the folder of market data") }
        return place
    }

    private static func real(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// An archive whose files are what its manifest says, and the hash of that manifest's list.
    static func archive(_ place: String, named name: String) throws(SourceFault) -> (hash: String, log: ArchivedLog) {
        do throws(LogError) {
            let archive = try Archive(opening: place)
            try archive.verify()
            let list = archive.manifest.files.map { "\($0.path) \($0.sha256)\n" }.joined()
            let hash = HexText.of(SHA256.hash(Array("\(archive.manifest.logID)\n\(list)".utf8)))
            return (hash, try ArchivedLog(reading: place))
        } catch { throw SourceFault(name, error.description) }
    }
}
