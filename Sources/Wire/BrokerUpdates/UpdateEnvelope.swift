public import Core
internal import Domain
internal import JSON

/// Writes updates as the original's forwarder writes them: one record of each version, with the symbol as key.
public struct UpdateEnvelope: Sendable {
    /// How an update came.
    public enum Source: String, Sendable {
        case stream = "ws"
        /// Asked for, to close a gap.
        case rest
    }

    private static let unknownSymbol = "UNKNOWN"
    private let account: AccountLabel

    public init(account: AccountLabel) { self.account = account }

    /// Both say the same, with the same number and times: whoever reads them sees one event.
    public func records(
        of update: StreamUpdate, from source: Source, seq: Int64, takenIn moment: Timestamp
    ) -> [NewRecord] {
        let symbol = update.symbol ?? Self.unknownSymbol
        let key = Array(symbol.utf8)
        return [(TopicCatalog.tradeUpdates, Int64(1)), (TopicCatalog.tradeUpdatesV2, Int64(2))].map { topic, version in
            NewRecord(
                topic: topic.name, key: key,
                value: text(of: update, symbol, from: source, seq: seq, takenIn: moment, version))
        }
    }

    private func text(
        of update: StreamUpdate, _ symbol: String, from source: Source, seq: Int64, takenIn moment: Timestamp,
        _ version: Int64
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: update.data.count + 384)
        writer.object { writer in
            writer.key("ingestTs")
            writer.string(moment.description)
            writer.key("eventTs")
            writer.string((update.eventTime ?? moment).description)
            writer.key("feed")
            writer.string("alpaca")
            writer.key("channel")
            writer.string("trade_updates")
            writer.key("symbol")
            writer.string(symbol)
            writer.key("seq")
            writer.integer(seq)
            writer.key("payload")
            writer.raw(version == 1 ? update.data : labelled(update))
            writer.key("accountLabel")
            if version == 1 { writer.null() } else { writer.string(account.text) }
            writer.key("isFinal")
            writer.bool(true)
            writer.key("source")
            writer.string(source.rawValue)
            writer.key("window")
            writer.null()
            writer.key("version")
            writer.integer(version)
        }
        return writer.finish()
    }

    /// Alpaca's words with the account behind them; one that they name already stays.
    private func labelled(_ update: StreamUpdate) -> [UInt8] {
        guard !update.namesAccount, let brace = update.data.lastIndex(of: UInt8(ascii: "}")) else { return update.data }
        let isEmpty = !update.data.contains(UInt8(ascii: "\""))
        var label = JSONWriter()
        label.string(account.text)
        let member = Array((isEmpty ? "" : ",").utf8) + Array("\"account_label\":".utf8) + label.finish()
        return Array(update.data[..<brace]) + member + Array(update.data[brace...])
    }
}
