internal import Core
internal import Domain
internal import Wire

/// An event that was folded, and where it lies.
struct Told {
    let position: RecordPosition
    let event: Event

    var envelope: Envelope { event.envelope }
    var id: EventID { event.envelope.eventID }
    /// Event time.
    var time: Instant { Instant(event.envelope.eventTime) }

    /// Account and symbol, which every event of a symbol's topics has.
    var account: AccountLabel { event.envelope.account ?? .blank }
    var symbol: Symbol { event.envelope.symbol ?? .blank }

    /// The canonical text of the payload: what our encoder writes behind the frame.
    ///
    /// Quotes inside texts are escaped, so these bytes begin the payload where they are first found.
    var payload: String {
        var encoder = EventEncoder()
        let text = encoder.encode(event)
        let mark = Array(",\"payload\":".utf8)
        var start = 0
        while !text[start...].starts(with: mark) { start += 1 }
        return String(decoding: text[(start + mark.count)..<(text.count - 1)], as: UTF8.self)
    }

    func rowID(_ table: String, _ key: String...) -> RowID {
        EventMint.rowID(RowIdentity(table: table, account: account.text, key: key.joined(separator: "\n")))
    }
}

/// The id of a row of a table without an account.
func rowID(_ table: String, _ key: String...) -> RowID {
    EventMint.rowID(RowIdentity(table: table, account: "", key: key.joined(separator: "\n")))
}

/// Texts as one key that is equal only when all bytes are; no name of ours holds a zero byte.
func key(_ parts: String...) -> [UInt8] { Array(parts.joined(separator: "\0").utf8) }

/// Those with one key together, each group and the groups in the order of the log.
func grouped<Element>(_ elements: [Element], by key: (Element) -> [UInt8]?) -> [[Element]] {
    var (groups, places) = ([[Element]](), [[UInt8]: Int]())
    for element in elements {
        guard let key = key(element) else { continue }
        if let place = places[key] {
            groups[place].append(element)
        } else {
            places[key] = groups.count
            groups.append([element])
        }
    }
    return groups
}

/// A text as JSON.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\0"..<" ":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// Texts as a JSON array.
func array(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ",") + "]" }
