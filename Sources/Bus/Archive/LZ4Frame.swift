internal import CLZ4
internal import Core

/// What liblz4 said against a frame.
struct LZ4FrameError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Passes a result on, unless it is one of liblz4's error codes.
    static func check(_ result: Int) throws(LZ4FrameError) -> Int {
        guard LZ4F_isError(result) == 0 else {
            throw unsafe LZ4FrameError(String(cString: LZ4F_getErrorName(result)))
        }
        return result
    }
}

/// Writes one LZ4 frame with a content checksum, so that the `lz4` tool unpacks it and notices damage.
@safe struct LZ4FrameCompressor: ~Copyable {
    /// Most bytes compressed by one call; it bounds the buffer for the answer.
    static let piece = 1 << 20
    private let context: OpaquePointer
    private var preferences = LZ4F_preferences_t()
    private var room: [UInt8]

    init() throws(LogError) {
        var made: OpaquePointer?
        _ = try unsafe Self.check(LZ4F_createCompressionContext(&made, UInt32(LZ4F_VERSION)))
        guard let made = unsafe made else { throw LogError(.archive, .failed("no memory for an LZ4 context")) }
        unsafe context = made
        preferences.frameInfo.blockSizeID = LZ4F_max1MB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        room = unsafe [UInt8](repeating: 0, count: max(LZ4F_compressBound(Self.piece, &preferences), 64))
    }

    deinit { unsafe LZ4F_freeCompressionContext(context) }

    /// The frame's header, to be written first.
    mutating func begin() throws(LogError) -> ArraySlice<UInt8> {
        let count = unsafe LZ4F_compressBegin(context, &room, room.count, &preferences)
        return room[..<(try Self.check(count))]
    }

    /// Compresses at most `piece` bytes; the answer may be empty while liblz4 gathers a block.
    mutating func update(_ bytes: ArraySlice<UInt8>) throws(LogError) -> ArraySlice<UInt8> {
        precondition(bytes.count <= Self.piece, "the caller cuts its bytes into pieces")
        // Safe: both pointers are used only inside the call, and `room` holds the bound of a piece.
        let count = unsafe bytes.withUnsafeBytes { source in
            unsafe LZ4F_compressUpdate(context, &room, room.count, source.baseAddress, source.count, nil)
        }
        return room[..<(try Self.check(count))]
    }

    /// The last block, the end mark and the checksum.
    mutating func end() throws(LogError) -> ArraySlice<UInt8> {
        room[..<(try Self.check(unsafe LZ4F_compressEnd(context, &room, room.count, nil)))]
    }

    private static func check(_ result: Int) throws(LogError) -> Int {
        do {
            return try LZ4FrameError.check(result)
        } catch {
            throw LogError(.archive, .failed("LZ4: \(error)"))
        }
    }
}

/// Reads one LZ4 frame; liblz4 compares the content checksum when the frame ends.
@safe struct LZ4FrameDecompressor: ~Copyable {
    private let context: OpaquePointer
    private(set) var ended = false

    init() throws(LogError) {
        var made: OpaquePointer?
        let code = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
        guard code == 0, let made = unsafe made else {
            throw LogError(.archive, .failed("no memory for an LZ4 context"))
        }
        unsafe context = made
    }

    deinit { unsafe LZ4F_freeDecompressionContext(context) }

    /// Decompresses at most `room` bytes of `input` and gives them behind those carried over, in one new block; says
    /// how much input was used.
    mutating func decompress(
        _ input: ArraySlice<UInt8>, behind carried: [UInt8], room: Int
    ) throws(LZ4FrameError) -> (block: [UInt8], used: Int) {
        var used = input.count
        var hint = 0
        let block = unsafe [UInt8](unsafeUninitializedCapacity: carried.count + room) { buffer, count in
            _ = unsafe buffer.update(fromContentsOf: carried)
            var produced = room
            // Safe: both buffers live through the call, and liblz4 is told how far each reaches.
            hint = unsafe input.withUnsafeBytes { source in
                unsafe LZ4F_decompress(
                    context, buffer.baseAddress?.advanced(by: carried.count), &produced, source.baseAddress, &used, nil)
            }
            count = carried.count + (LZ4F_isError(hint) == 0 ? produced : 0)
        }
        ended = try LZ4FrameError.check(hint) == 0
        return (block, used)
    }
}
