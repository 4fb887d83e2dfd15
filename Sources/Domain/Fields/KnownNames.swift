/// Names that a reader met lately, so that one that comes again need not be made again.
///
/// Most names of a log are few: an account, a symbol, a role. Each has one place, which it shares with the names of
/// the same hash; the latest stays. So the memory is bounded, and what is forgotten is only made anew.
@safe public final class KnownNames {
    @usableFromInline
    struct Place {
        @usableFromInline let shape: TextShape
        @usableFromInline let text: String

        @inlinable
        init(_ shape: TextShape, _ text: String) {
            self.shape = shape
            self.text = text
        }
    }

    /// Longer names are mostly ids, which seldom come again.
    public static let maximumBytes = 32

    /// Places, as a power of two.
    @usableFromInline static var bits: UInt64 { 8 }

    /// Safe: made and freed with this object, all of it initialized, and lent only as long as the object is.
    @usableFromInline let places: UnsafeMutablePointer<Place?>

    public init() {
        unsafe places = .allocate(capacity: 1 << Int(Self.bits))
        unsafe places.initialize(repeating: nil, count: 1 << Int(Self.bits))
    }

    deinit {
        unsafe places.deinitialize(count: 1 << Int(Self.bits))
        unsafe places.deallocate()
    }

    /// The names, lent to a reader: passing them on costs no counting of references.
    @safe public struct Lent: ~Escapable, BitwiseCopyable {
        @usableFromInline let places: UnsafeMutablePointer<Place?>

        @inlinable @_lifetime(borrow names)
        public init(_ names: borrowing KnownNames) { unsafe places = names.places }

        /// The text of these bytes if it was met lately; otherwise what `make` reads, unless it refuses.
        @inlinable @inline(__always)
        public func text(_ bytes: RawSpan, or make: () throws(FieldFault) -> String) throws(FieldFault) -> String {
            guard bytes.byteCount <= KnownNames.maximumBytes else { return try make() }
            let shape = TextShape(bytes)
            // Safe: an index of so many bits lies inside. `make` is done before the place is written.
            let place = unsafe places + Int(truncatingIfNeeded: shape.hash >> (64 - KnownNames.bits))
            if let known = unsafe place.pointee, known.shape == shape,
                shape.isWhole || bytes.continues(as: known.text)
            {
                return known.text
            }
            let text = try make()
            unsafe place.pointee = Place(shape, text)
            return text
        }
    }
}
