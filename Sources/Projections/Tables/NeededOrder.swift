/// The rows of a batch in the order they were named in, and how far the fold has come among them.
///
/// A hint and no more: whoever follows it compares the key, and looks it up when it is another.
struct NeededOrder: Sendable {
    /// How many are remembered; what was named before is looked up.
    static let most = 1 << 18
    /// How far the fold may leap at once: records that are passed over, and rows that are not touched.
    static let leap = 32

    private var slots: [Int32] = []
    private var place = 0

    mutating func append(_ slot: Int) {
        if slots.count == Self.most { removeAll() }
        slots.append(Int32(truncatingIfNeeded: slot))
    }

    /// The slot the fold is at, or the next one, when it is the one that is meant.
    @inline(__always)
    func near(_ isMeant: (Int) -> Bool) -> Int? {
        for index in place..<min(place + 2, slots.count) where isMeant(Int(slots[index])) { return Int(slots[index]) }
        return nil
    }

    @inline(__always)
    mutating func reached(_ slot: Int) {
        let end = min(place + Self.leap, slots.count)
        var index = place
        while index < end {
            if slots[index] == Int32(truncatingIfNeeded: slot) {
                place = index
                return
            }
            index += 1
        }
    }

    mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        place = 0
    }
}
