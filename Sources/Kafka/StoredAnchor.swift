internal import Core

/// An anchor as it lies in the metadata of a committed offset: a version tag, offset, timestamp, hash.
///
/// What other programs put there is no anchor and no error: theirs is theirs.
enum StoredAnchor {
    private static let version = "torghut1"

    static func encode(_ anchor: Anchor) -> String {
        "\(version):\(anchor.offset):\(anchor.timestamp):\(String(anchor.hash, radix: 16))"
    }

    static func decode(_ text: String) -> Anchor? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == version, let offset = Int64(parts[1]), let timestamp = Int64(parts[2]),
            let hash = UInt64(parts[3], radix: 16)
        else { return nil }
        return Anchor(offset: offset, timestamp: timestamp, hash: hash)
    }
}
