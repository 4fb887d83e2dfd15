import CLZ4
import CXXHash
import Core
import Glibc

/// The bare cost of what the journal must do at least: compress, checksum, write and sync.
enum Floors {
    /// Compresses a block as LZ4 does when told nothing; the journal's own hurry is an acceleration of 4.
    static func compress(_ block: [UInt8], acceleration: Int32 = 1) -> [UInt8] {
        let bound = Int(LZ4_compressBound(Int32(block.count)))
        // Safe: both buffers live through the call, and LZ4 writes no more than the bound.
        return unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            unsafe block.withUnsafeBytes { source in
                count = Int(
                    unsafe LZ4_compress_fast(
                        source.baseAddress?.assumingMemoryBound(to: CChar.self),
                        UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(to: CChar.self),
                        Int32(block.count), Int32(bound), acceleration))
            }
        }
    }

    static func decompress(_ packed: [UInt8], into block: inout [UInt8]) {
        // Safe: LZ4 checks both lengths.
        let written = unsafe packed.withUnsafeBytes { source in
            unsafe block.withUnsafeMutableBytes { target in
                unsafe LZ4_decompress_safe(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    target.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(packed.count), Int32(target.count))
            }
        }
        precondition(written == Int32(block.count), "the floor's own block is broken")
    }

    static func uninitialized(_ count: Int) -> [UInt8] {
        // Safe: every byte is written by the decompression that follows.
        unsafe [UInt8](unsafeUninitializedCapacity: count) { $1 = count }
    }

    /// Bytes that no file system can make smaller.
    static func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
    }

    /// The records as they lie in the payload of a journal's batch: by partition, each with its twenty bytes of
    /// timestamp and lengths (docs/journal-format.md).
    static func block(of records: [NewRecord]) -> [UInt8] {
        var block: [UInt8] = []
        for record in records.sorted(by: { ($0.partition ?? 0) < ($1.partition ?? 0) }) {
            let (key, value) = (record.key ?? [], record.value ?? [])
            for number in [record.timestamp ?? 0, Int64(key.count) | Int64(value.count) << 32] {
                unsafe withUnsafeBytes(of: number.littleEndian) { block += unsafe Array($0) }
            }
            block += [0, 0, 0, 0]
            block += key
            block += value
        }
        return block
    }
}

/// A file that is written and synced and nothing else.
final class BareFile {
    private let descriptor: Int32
    private let path: String

    init(in folder: String, name: String = "floor") {
        path = "\(folder)/\(name)"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        precondition(descriptor >= 0, "cannot write in \(folder)")
    }

    func write(_ bytes: [UInt8]) {
        // Safe: the pointer is used only inside the call.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        precondition(written == bytes.count, "short write to \(path)")
    }

    func sync() { precondition(fdatasync(descriptor) == 0, "fdatasync failed on \(path)") }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }
}
