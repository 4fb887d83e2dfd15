internal import Core
internal import Domain

/// What the first bytes of an event say that our own encoder wrote: its type, version and when it was taken in.
///
/// They are compared, not parsed: an event that begins in any other way is none, and is read the usual way.
struct FrameHead {
    let type: EventType
    let version: Int64
    let ingestTime: Timestamp

    init?(_ bytes: RawSpan) {
        var cursor = Cursor(bytes: bytes)
        // A UUID has 36 letters.
        guard cursor.pass(#"{"event_id":""#), cursor.skip(36), cursor.pass(#"","event_type":""#),
            let name = cursor.text(), let type = EventType.named(name), cursor.pass(#"","version":"#),
            let version = cursor.digits(), cursor.pass(#","event_ts":""#), cursor.text() != nil,
            cursor.pass(#"","ingest_ts":""#), let moment = cursor.text(), cursor.pass("\"")
        else { return nil }
        self.type = type
        self.version = version
        do { ingestTime = try Timestamp.read(moment) } catch { return nil }
    }

    private struct Cursor: ~Escapable {
        let bytes: RawSpan
        var place = 0

        @_lifetime(copy bytes)
        init(bytes: RawSpan) { self.bytes = bytes }

        /// Safe: whoever asks has looked at the count, and the load looks again.
        private func byte(_ place: Int) -> UInt8 { unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self) }

        mutating func skip(_ count: Int) -> Bool {
            place += count
            return place <= bytes.byteCount
        }

        mutating func pass(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard place + count <= bytes.byteCount else { return false }
            // Safe: the text is constant, and as long as it says.
            for offset in 0..<count where unsafe byte(place + offset) != text.utf8Start[offset] {
                return false
            }
            place += count
            return true
        }

        /// Up to the next quote; a name or moment of ours has no escapes.
        @_lifetime(copy self)
        mutating func text() -> RawSpan? {
            let start = place
            while place < bytes.byteCount, place - start <= LabelKind.maximumBytes {
                let byte = byte(place)
                if byte == UInt8(ascii: "\"") { return bytes.extracting(start..<place) }
                if byte == UInt8(ascii: "\\") { return nil }
                place += 1
            }
            return nil
        }

        mutating func digits() -> Int64? {
            var value: Int64 = 0
            let start = place
            while place < bytes.byteCount, place - start < 9 {
                let digit = byte(place) &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                value = value * 10 + Int64(digit)
                place += 1
            }
            return place > start ? value : nil
        }
    }
}
