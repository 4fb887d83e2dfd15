internal import Glibc

/// One step of the schema: a file `NNNN-what-it-does.sql`, never changed once it was applied somewhere.
public struct Migration: Sendable, Equatable {
    public let number: Int
    /// The file's name.
    public let name: String
    public let sql: String
    public let checksum: String

    /// The migrations of a folder in order; they are numbered from 0001 without a gap.
    ///
    /// `hash` is a checksum as text (SHA-256): this room has none of its own.
    public static func read(
        from folder: String, hash: (RawSpan) -> String
    ) throws(PostgresError) -> [Migration] {
        var found: [Migration] = []
        for name in try names(in: folder).sorted() {
            guard let match = name.wholeMatch(of: #/(\d{4})-[a-z0-9-]+\.sql/#), let number = Int(match.output.1) else {
                throw refusal("\(folder)/\(name) is not named NNNN-what-it-does.sql")
            }
            guard number == found.count + 1 else {
                let other = found.last.map { " after \($0.name)" } ?? ""
                throw refusal("\(name) does not follow\(other): numbers go up from 0001 by one, each once")
            }
            guard let bytes = contents(of: "\(folder)/\(name)"), let sql = String(validating: bytes, as: UTF8.self)
            else { throw refusal("\(folder)/\(name) cannot be read as UTF-8") }
            // Safe: every byte of an array of bytes is initialised.
            let checksum = unsafe hash(bytes.span.bytes)
            found.append(Migration(number: number, name: name, sql: sql, checksum: checksum))
        }
        return found
    }

    static func refusal(_ text: String) -> PostgresError { PostgresError(.migrate, .setting, text) }

    private static func names(in folder: String) throws(PostgresError) -> [String] {
        guard let listing = unsafe opendir(folder) else { throw refusal("the folder \(folder) cannot be read") }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name.hasSuffix(".sql") { names.append(name) }
        }
        return names
    }

    private static func contents(of path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            if count == 0 { return unsafe ferror(file) == 0 ? bytes : nil }
            bytes += piece[..<count]
        }
    }
}
