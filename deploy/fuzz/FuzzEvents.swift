import Core
import Domain
import Wire

/// Bytes that may be anything, as libFuzzer makes them: every reader of `Wire` either refuses them or understands
/// them for good.
///
/// A crash, a hang or an event that does not come back as it went ends the run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer lends the bytes for the call; they are copied.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    readEvent(bytes)
    readUpdate(bytes)
    readJSON(bytes)
    return 0
}

private func readEvent(_ bytes: [UInt8]) {
    var decoder = EventDecoder()
    guard let decoded = try? decoder.decode(bytes) else { return }
    guard case .event(let event) = decoded else { return }
    var encoder = EventEncoder()
    let text = encoder.encode(event)
    guard let again = try? decoder.decode(text), again == .event(event) else {
        fatalError("an event does not come back as it went: \(String(decoding: text, as: UTF8.self))")
    }
    guard encoder.encode(event) == text else { fatalError("one event has two texts") }
}

private func readUpdate(_ bytes: [UInt8]) {
    guard let account = try? AccountLabel("paper") else { fatalError("a label is refused") }
    var reader = BrokerUpdateReader(defaultAccount: account)
    guard let update = try? reader.read(bytes) else { return }
    guard (try? CompactJSON(parsing: update.raw.bytes)) == update.raw else { fatalError("a raw order is no JSON") }
}

private func readJSON(_ bytes: [UInt8]) {
    guard let json = try? CompactJSON(parsing: bytes) else { return }
    guard (try? CompactJSON(parsing: json.bytes)) == json else { fatalError("compact text is not compact") }
}
