internal import Core
internal import Domain
internal import Wire

/// The ids of rows that other tables point to.
enum RowNames {
    static func execution(_ client: ClientOrderID, _ symbol: Symbol, of account: AccountLabel) -> RowID {
        EventMint.rowID(
            RowIdentity(table: "executions", account: account.text, key: "\(client.text)\n\(symbol.text)"))
    }

    static func decision(_ hash: DecisionHash, _ symbol: Symbol, of account: AccountLabel) -> RowID {
        EventMint.rowID(
            RowIdentity(table: "trade_decisions", account: account.text, key: "\(hash)\n\(symbol.text)"))
    }

    static func row(_ key: String, of table: TableName) -> RowID {
        EventMint.rowID(RowIdentity(table: table.name, account: "", key: key))
    }
}

extension ClientOrderID {
    /// The decision it was made from: our ids are the decision's hash, alone or followed by `-r` and a number.
    var decisionHash: DecisionHash? {
        let count = text.utf8.count
        guard count == 64 || count > 66 else { return nil }
        if count > 64 {
            let rest = text.utf8.dropFirst(64)
            guard rest.starts(with: "-r".utf8), rest.dropFirst(2).allSatisfy(Self.isDigit) else { return nil }
        }
        // Sixty-four other characters are no hash, and no fault either.
        do { return try DecisionHash.read(unsafe text.utf8.span.bytes.extracting(0..<64)) } catch { return nil }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
