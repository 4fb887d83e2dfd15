internal import Core

/// Decompresses the payload of a batch.
struct BatchDecoder {
    /// The payload of one batch.
    static func payload(
        of batch: BatchWindow.Batch, in window: BatchWindow
    ) throws(BatchWindow.Flaw) -> [UInt8] {
        var flaw: BatchWindow.Flaw?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: batch.header.payloadBytes) { buffer, count in
            do throws(BatchWindow.Flaw) {
                let room = unsafe UnsafeMutableRawBufferPointer(
                    start: buffer.baseAddress, count: batch.header.payloadBytes)
                try unsafe decompress(batch, in: window, into: room)
                // Safe: every byte was written.
                count = batch.header.payloadBytes
            } catch { flaw = error }
        }
        if let flaw { throw flaw }
        return bytes
    }

    /// Puts the payload where there is room for exactly it.
    static func decompress(
        _ batch: BatchWindow.Batch, in window: BatchWindow, into target: UnsafeMutableRawBufferPointer
    ) throws(BatchWindow.Flaw) {
        precondition(target.count == batch.header.payloadBytes, "room for all and no more")
        guard let start = target.baseAddress else { return }
        guard unsafe copy(batch, from: window.block, to: start) else {
            throw BatchWindow.Flaw(byte: batch.byte, what: "the payload does not decompress", torn: false)
        }
    }

    private static func copy(
        _ batch: BatchWindow.Batch, from block: Block, to target: UnsafeMutableRawPointer
    ) -> Bool {
        let bytes = batch.header.payloadBytes
        if bytes == 0 { return true }
        if batch.header.flags.contains(.compressed) {
            return unsafe Compression.decompress(block, batch.payload, into: target, count: bytes)
        }
        unsafe block.withAddress(of: batch.payload) { unsafe target.copyMemory(from: $0, byteCount: bytes) }
        return true
    }
}
