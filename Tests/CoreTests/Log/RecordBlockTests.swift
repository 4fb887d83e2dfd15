import Core
import Testing

@Suite struct `Blocks of a reader` {
    private func batch(_ blocks: inout RecordBlocks, filledWith byte: UInt8, _ count: Int) -> RecordBatch {
        var block = blocks.take(count)
        unsafe block.withAddress(of: 0..<count) { target in
            for index in target.indices { unsafe target[index] = byte }
        }
        return RecordBatch(sources: [], entries: [], next: [:], block: blocks.lend(block))
    }

    private func capacityOfNext(_ blocks: inout RecordBlocks, _ count: Int) -> Int { blocks.take(count).capacity }

    @Test func `are never written again while a batch lends them`() {
        var blocks = RecordBlocks(largest: 1000)
        let batches = (1...8).map { batch(&blocks, filledWith: $0, 100) }
        for (number, batch) in batches.enumerated() {
            let bytes = batch.copy(of: .init(start: 0, length: 100))
            #expect(bytes == Array(repeating: UInt8(number + 1), count: 100))
        }
    }

    @Test func `are used again when the last copy of the batch is gone, unless they are too large or too small`() {
        var blocks = RecordBlocks(largest: 1000)
        var held: RecordBatch? = batch(&blocks, filledWith: 1, 400)
        let copy = held
        held = nil
        #expect(capacityOfNext(&blocks, 40) == 50)
        #expect(copy?.copy(of: .init(start: 0, length: 1)) == [1])
        _ = consume copy
        #expect(capacityOfNext(&blocks, 40) == 500)
        _ = batch(&blocks, filledWith: 2, 100)
        #expect(capacityOfNext(&blocks, 200) == 250)
        _ = batch(&blocks, filledWith: 3, 4000)
        #expect(capacityOfNext(&blocks, 40) == 50)
    }
}
