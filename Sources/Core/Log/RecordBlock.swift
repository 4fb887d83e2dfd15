/// The bytes that a batch lends: filled once, shared by all copies of the batch, never changed while one of them lives.
///
/// `@unchecked Sendable`: it is written through an `UnlentBlock` alone, while nobody else has it; then it is only read.
@safe public final class RecordBlock: @unchecked Sendable {
    // Constants, so that reading them needs no check for exclusive access.
    private let base: UnsafeMutableRawPointer
    fileprivate let capacity: Int

    fileprivate init(capacity: Int) {
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
        self.capacity = capacity
        // Safe: the room was just made. A hole that nobody filled must not show what lay there before.
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    }

    /// A copy of these bytes.
    public convenience init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe base.copyMemory(from: start, byteCount: source.count)
        }
    }

    deinit { unsafe base.deallocate() }

    /// Lends a range; traps outside the block.
    @_lifetime(borrow self)
    func bytes(_ range: Range<Int>) -> RawSpan {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "outside the block")
        // Safe: inside the block by the check above, and the block lives as long as it is borrowed.
        let span = unsafe RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    func copy(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "outside the block")
        return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Lends the address of a range to one call.
    fileprivate func withAddress<Answer, Failure>(
        of range: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "outside the block")
        return try unsafe body(UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}

/// A block that is being filled: nobody else has it until it is lent.
public struct UnlentBlock: ~Copyable {
    fileprivate let block: RecordBlock

    public var capacity: Int { block.capacity }

    /// Lends the address of a range to one call, which may write there.
    public mutating func withAddress<Answer, Failure>(
        of range: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try unsafe block.withAddress(of: range, body)
    }
}

/// The blocks of one reader, used again when the last batch that lent them is gone.
///
/// Fresh memory for each batch would cost almost as much as decompressing it: the system clears every page that it
/// gives.
public struct RecordBlocks: Sendable {
    /// One with the caller, one ready, one that is being filled.
    public static let kept = 3

    private let largest: Int
    private var lent: [RecordBlock] = []

    /// Blocks above `largest` bytes are not kept: one huge batch must not stay in memory.
    public init(largest: Int) { self.largest = largest }

    /// A block of at least so many bytes; what lies in it is left over from before, and no batch may point there.
    public mutating func take(_ count: Int) -> UnlentBlock {
        for index in lent.indices.reversed() where isKnownUniquelyReferenced(&lent[index]) {
            // Only this list has it, so nobody can read it or get hold of it any more.
            let free = lent.remove(at: index)
            if free.capacity >= count { return UnlentBlock(block: free) }
        }
        // Batches differ a little in size: some room to spare makes the next one fit too.
        return UnlentBlock(block: RecordBlock(capacity: count + count / 4))
    }

    /// Ends the filling: from now on the block is only read.
    public mutating func lend(_ filled: consuming UnlentBlock) -> RecordBlock {
        let block = filled.block
        if block.capacity <= largest, lent.count < Self.kept { lent.append(block) }
        return block
    }
}
