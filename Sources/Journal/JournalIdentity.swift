internal import Core

/// The `identity` file: which journal this is, made once, and the version of its format.
struct JournalIdentity: Equatable, Sendable {
    static let magic: UInt64 = 0x3144_494C_4E52_4A54  // "TJRNLID1"
    static let version: UInt32 = 1
    static let bytes = 48

    let id: String

    static func fresh() -> JournalIdentity { JournalIdentity(id: RandomName.make()) }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(Self.magic)
        writer.put(Self.version)
        writer.put(UInt32(0))
        writer.put(RandomName.bytes(of: id))
        writer.put(UInt64(0))
        writer.put(Block(writer.bytes).hash(0..<40))
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8], file: String) throws(LogError) -> JournalIdentity {
        let block = Block(bytes)
        guard bytes.count == self.bytes, block.load(UInt64.self, at: 0) == magic,
            block.load(UInt64.self, at: 40) == block.hash(0..<40)
        else { throw LogError(.open, .damaged(file: file, byte: 0, what: "not an identity, or its checksum is wrong")) }
        let version = block.load(UInt32.self, at: 8)
        guard version == Self.version else {
            throw LogError(.open, .refused("\(file): format \(version) is not known to this program (\(Self.version))"))
        }
        return JournalIdentity(id: RandomName.text(Array(bytes[16..<32])))
    }
}

/// Sixteen random bytes as 32 hexadecimal digits: a name that is made once and never again.
enum RandomName {
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return text((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func bytes(of text: String) -> [UInt8] {
        let digits = Array(text.utf8).map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
