internal import Glibc
internal import CXXHash

/// A reusable stretch of raw memory: batches are built, hashed and read in it without an allocation per record.
///
/// Every access is checked against the capacity, so a wrong length is a trap here and never a stray write.
/// `@unchecked Sendable`: a block has one owner at a time; the caller that fills it hands it to the writer thread
/// through a lock, and the writer hands it back to the pool through another.
@safe package final class Block: @unchecked Sendable {
    private var base: UnsafeMutableRawPointer
    package private(set) var capacity: Int

    package init(capacity: Int) {
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 16), alignment: 16)
        self.capacity = max(capacity, 16)
    }

    package convenience init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        copy(bytes, to: 0)
    }

    deinit { unsafe base.deallocate() }

    /// Grows to hold `count` bytes; the first `keeping` of them stay what they are.
    package func reserve(_ count: Int, keeping: Int = 0) {
        guard count > capacity else { return }
        precondition(keeping <= capacity, "cannot keep bytes that are not there")
        let grown = max(count, capacity + capacity / 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        unsafe larger.copyMemory(from: base, byteCount: keeping)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = grown
    }

    @inline(__always)
    package func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at place: Int) -> Number {
        precondition(place >= 0 && place + MemoryLayout<Number>.size <= capacity, "outside the block")
        // Safe: inside the block by the check above, and integers have no invalid bits.
        return Number(littleEndian: unsafe base.loadUnaligned(fromByteOffset: place, as: type))
    }

    @inline(__always)
    package func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at place: Int) {
        precondition(place >= 0 && place + MemoryLayout<Number>.size <= capacity, "outside the block")
        unsafe base.storeBytes(of: number.littleEndian, toByteOffset: place, as: Number.self)
    }

    @inline(__always)
    package func copy(_ bytes: [UInt8], to place: Int) {
        precondition(place >= 0 && place + bytes.count <= capacity, "outside the block")
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + place).copyMemory(from: start, byteCount: source.count)
        }
    }

    package func copy(_ text: Substring.UTF8View, to place: Int) {
        precondition(place >= 0 && place + text.count <= capacity, "outside the block")
        let done: Void? = unsafe text.withContiguousStorageIfAvailable { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + place).copyMemory(from: start, byteCount: source.count)
        }
        if done == nil { copy(Array(text), to: place) }
    }

    package func copy(from other: Block, _ range: Range<Int>, to place: Int) {
        check(place..<place + range.count)
        other.check(range)
        // Safe: both ends were checked; `memmove` allows the two to be one block.
        unsafe memmove(base + place, other.base + range.lowerBound, range.count)
    }

    package func zero(_ range: Range<Int>) {
        check(range)
        unsafe memset(base + range.lowerBound, 0, range.count)
    }

    package func isZero(_ range: Range<Int>) -> Bool {
        check(range)
        return unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).allSatisfy { $0 == 0 }
    }

    package func hash(_ range: Range<Int>) -> UInt64 {
        check(range)
        return unsafe XXH3_64bits(base + range.lowerBound, range.count)
    }

    package func bytes(_ range: Range<Int>) -> [UInt8] {
        check(range)
        return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Lends the address of a checked range for one call into C.
    package func withAddress<Value>(of range: Range<Int>, _ body: (UnsafeMutableRawPointer) -> Value) -> Value {
        check(range)
        return unsafe body(base + range.lowerBound)
    }

    private func check(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "outside the block")
    }
}

extension Int {
    /// Rounded up to the 16 bytes that everything in a segment is aligned to.
    package var aligned: Int { (self + 15) & ~15 }
}
