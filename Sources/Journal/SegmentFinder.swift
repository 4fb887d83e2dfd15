internal import Core

/// Finds the segment in which reading must begin, by a binary search over the `.start` files.
struct SegmentFinder {
    let recovery: Recovery
    let identity: JournalIdentity

    /// The last segment before which none of the offsets asked for was written.
    func segment(holding offsets: [(key: LaneKey, next: Int64)], last: UInt64) throws(LogError) -> UInt64 {
        let listing = try recovery.folder.list(recovery.layer)
        let segments = listing.segments.filter { $0 <= last }
        guard let first = segments.first else {
            throw LogError(.read, .damaged(file: recovery.folder.segment(last), byte: 0, what: "the file is missing"))
        }
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            let state = try recovery.start(segments[middle], of: identity.id)
            let early = offsets.allSatisfy { offset in (state.lane(offset.key)?.next ?? 0) <= offset.next }
            if early { low = middle } else { high = middle - 1 }
        }
        return segments.isEmpty ? first : segments[low]
    }
}
