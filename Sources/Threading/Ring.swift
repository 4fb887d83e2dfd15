/// A first-in, first-out queue in one array: taking the oldest moves nothing.
struct Ring<Element> {
    private var slots: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head + count) % slots.count] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0, let first = slots[head] else { return nil }
        slots[head] = nil
        head = (head + 1) % slots.count
        count -= 1
        return first
    }

    /// Takes out the first that matches; the others keep their order.
    mutating func remove(where matches: (Element) -> Bool) -> Element? {
        var found: Element?
        for _ in 0..<count {
            guard let element = popFirst() else { break }
            if found == nil, matches(element) { found = element } else { append(element) }
        }
        return found
    }

    private mutating func grow() {
        var wider: [Element?] = []
        wider.reserveCapacity(max(4, slots.count * 2))
        for index in 0..<count { wider.append(slots[(head + index) % slots.count]) }
        wider.append(contentsOf: Array(repeating: nil, count: max(4, slots.count * 2) - count))
        slots = wider
        head = 0
    }
}
