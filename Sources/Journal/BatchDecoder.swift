internal import Core

/// Decompresses payloads, one behind the other, into the one block that becomes a `RecordBatch`.
struct BatchDecoder {
    /// The payloads of these batches in a block of their own, or the batch that did not decompress.
    static func block(
        of batches: [BatchWindow.Batch], in window: BatchWindow
    ) -> Result<[UInt8], BatchWindow.Flaw> {
        let total = batches.reduce(0) { $0 + $1.header.payloadBytes }
        var flaw: BatchWindow.Flaw?
        let block = unsafe [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard var target = unsafe buffer.baseAddress.map({ UnsafeMutableRawPointer($0) }) else { return }
            for batch in batches {
                guard unsafe copy(batch, from: window.block, to: target) else {
                    flaw = BatchWindow.Flaw(byte: batch.byte, what: "the payload does not decompress", torn: false)
                    return
                }
                unsafe target += batch.header.payloadBytes
            }
            // Safe: every byte was written above.
            count = total
        }
        if let flaw { return .failure(flaw) }
        return .success(block)
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
