extension RawSpan {
    @inlinable
    func byte(at offset: Int) -> UInt8 {
        // Safe: the load checks its bounds, and every bit pattern is a `UInt8`.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
