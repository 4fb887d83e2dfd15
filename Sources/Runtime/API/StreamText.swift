internal import Core
internal import HTTPServer
internal import JSON

/// Events of the stream as they go out; made once, whoever listens.
struct StreamPiece: Sendable {
    var bytes: [UInt8] = []
    var events = 0

    mutating func append(_ event: ServerEvent) {
        bytes += event.bytes
        events += 1
    }
}

/// Records as events of a stream.
enum StreamText {
    /// How long a browser waits before it comes again.
    static let retry = Array("retry: 1000\n\n".utf8)

    /// The last of a batch has the id: from there on a client that comes again misses nothing.
    static func piece(_ batch: RecordBatch, at place: EventsPlace) -> StreamPiece {
        var parser = JSONParser()
        var piece = StreamPiece()
        let last = batch.entries.lastIndex { $0.value.length >= 0 }
        for (index, entry) in batch.entries.enumerated() {
            guard let value = batch.copy(of: entry.value) else { continue }
            let position = RecordPosition(batch.source(of: entry), entry.offset)
            piece.append(event(position, value, id: index == last ? place.id : nil, &parser))
        }
        return piece
    }

    static func event(
        _ position: RecordPosition, _ value: [UInt8], id: String?, _ parser: inout JSONParser
    ) -> ServerEvent {
        var json = JSONWriter(reserving: value.count + 128)
        var name = "record"
        json.beginObject()
        json.key("position")
        json.string("\(position)")
        json.key("event")
        do {
            let root = try parser.parse(value)
            if let type = root.field("event_type")?.string, Self.isName(type) { name = type }
            var compact: [UInt8] = []
            root.minify(into: &compact)
            json.raw(compact)
        } catch {
            // A stranger's bytes on our topics are not for a browser; their place is.
            json.null()
        }
        json.endObject()
        return ServerEvent(id: id, name: name, data: json.finish())
    }

    /// What is in force at a place, and how far behind everybody is: the first thing a client is sent.
    static func snapshot(at place: EventsPlace, control: [UInt8], lag: [UInt8]) -> ServerEvent {
        var json = JSONWriter(reserving: control.count + lag.count + 1_024)
        json.object { json in
            json.key("position")
            json.string(place.text)
            json.key("control")
            json.raw(control)
            json.key("lag")
            json.raw(lag)
        }
        return ServerEvent(id: place.id, name: "snapshot", data: json.finish())
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x5F
            }
    }
}
