extension EventType {
    /// The type of this name, found without making a string.
    public static func named(_ name: RawSpan) -> EventType? {
        var slot = hash(name)
        while let entry = directory[slot] {
            if entry.matches(name) { return entry.type }
            slot = (slot + 1) & (directory.count - 1)
        }
        return nil
    }

    public static func named(_ name: String) -> EventType? { unsafe named(name.utf8.span.bytes) }

    private struct Entry {
        let name: [UInt8]
        let type: EventType

        func matches(_ other: RawSpan) -> Bool {
            guard name.count == other.byteCount else { return false }
            // Safe: both are read inside the call.
            return unsafe other.withUnsafeBytes { unsafe $0.elementsEqual(name) }
        }
    }

    /// Open addressing with many free places: most names are found at the first look.
    private static let directory: [Entry?] = {
        var places = [Entry?](repeating: nil, count: 1024)
        for type in allCases {
            let name = Array(type.name.utf8)
            var slot = unsafe hash(name.span.bytes)
            while places[slot] != nil { slot = (slot + 1) & (places.count - 1) }
            places[slot] = Entry(name: name, type: type)
        }
        return places
    }()

    private static func hash(_ name: RawSpan) -> Int {
        let count = name.byteCount
        guard count >= 8 else { return count }
        // Safe: the loads check their bounds. The first and last eight bytes tell almost all names apart.
        let first = unsafe name.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let last = unsafe name.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        let mixed = (first &* 0x9E37_79B9_7F4A_7C15) ^ (last &* 0xC2B2_AE3D_27D4_EB4F) ^ UInt64(count)
        return Int(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 20) & 1023
    }
}
