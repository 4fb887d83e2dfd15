internal import Core

/// The symbols of a run, found by the bytes of their names: no text is made for a row.
struct SymbolNames: Sendable {
    private let names: [[UInt8]]

    init(_ symbols: [Symbol]) { names = symbols.map { Array($0.text.utf8) } }

    func index(of text: RawSpan) -> Int? {
        names.firstIndex { name in
            guard name.count == text.byteCount else { return false }
            for index in name.indices where name[index] != text.octet(index) { return false }
            return true
        }
    }
}

extension RawSpan {
    func octet(_ index: Int) -> UInt8 {
        // Safe: the load checks its bounds, and every bit pattern is a `UInt8`.
        unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
}
