/// The words of a closed set, found from bytes at one look and without making a string.
///
/// Open addressing with many free places.
public struct WordTable<Value: Sendable>: Sendable {
    @usableFromInline
    struct Place: Sendable {
        @usableFromInline let shape: TextShape
        @usableFromInline let value: Value
        @usableFromInline let word: String

        init(_ shape: TextShape, _ value: Value, _ word: String) {
            self.shape = shape
            self.value = value
            self.word = word
        }
    }

    @usableFromInline let places: [Place?]
    /// How far a hash is shifted down to be a place.
    @usableFromInline let shift: UInt64

    public init(_ values: [Value], named name: (Value) -> String) {
        var bits: UInt64 = 3
        while 1 << bits < values.count * 4 { bits += 1 }
        shift = 64 - bits
        var places = [Place?](repeating: nil, count: 1 << Int(bits))
        for value in values {
            let word = name(value)
            let shape = unsafe TextShape(word.utf8.span.bytes)
            var index = Int(truncatingIfNeeded: shape.hash >> shift)
            while places[index] != nil { index = (index + 1) & (places.count - 1) }
            places[index] = Place(shape, value, word)
        }
        self.places = places
    }

    /// The value that these bytes name.
    @inlinable
    public func value(_ text: RawSpan) -> Value? {
        let shape = TextShape(text)
        var index = Int(truncatingIfNeeded: shape.hash >> shift)
        while let place = places[index] {
            if place.shape == shape, shape.isWhole || text.continues(as: place.word) { return place.value }
            index = (index + 1) & (places.count - 1)
        }
        return nil
    }
}

extension WordTable where Value: Word {
    /// All words of the set.
    public init() { self.init(Array(Value.allCases), named: \.rawValue) }
}
