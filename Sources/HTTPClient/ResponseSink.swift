/// Gathers the bytes of an answer up to a limit; used by one transfer, on its thread.
final class ResponseSink {
    private(set) var bytes: [UInt8] = []
    private(set) var isOverfull = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + piece.count <= limit else {
            isOverfull = true
            return false
        }
        unsafe bytes.append(contentsOf: piece)
        return true
    }

    /// libcurl ends the transfer when fewer bytes are taken than came.
    static let write: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        // Safe: the sink outlives the transfer, and libcurl lends `count` bytes for the call.
        let sink = unsafe Unmanaged<ResponseSink>.fromOpaque(context).takeUnretainedValue()
        let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe sink.take(piece) ? size * count : 0
    }
}
