internal import Synchronization

/// Blocks that wait to be used again, so that a steady stream of appends allocates nothing.
final class BlockPool: Sendable {
    private let idle = Mutex<[Block]>([])
    private let kept: Int
    private let largest: Int

    /// Keeps at most `kept` blocks, and none above `largest` bytes: one huge append must not stay in memory.
    init(kept: Int, largest: Int) {
        self.kept = kept
        self.largest = largest
    }

    func take(_ capacity: Int) -> Block {
        let block = idle.withLock { blocks -> Block? in
            guard let index = blocks.lastIndex(where: { $0.capacity >= capacity }) else { return nil }
            return blocks.remove(at: index)
        }
        return block ?? Block(capacity: max(capacity.aligned, 4096))
    }

    func give(_ block: Block) {
        guard block.capacity <= largest else { return }
        idle.withLock { blocks in
            if blocks.count == kept { blocks.removeFirst() }
            blocks.append(block)
        }
    }
}
