internal import Core

/// Rows of comma-separated text under a header that names their columns.
///
/// Columns nobody knows are passed over. Quotes are refused rather than guessed at: no number or symbol needs them.
struct CSVRow {
    private let columns: [MarketField?]

    init(header: [UInt8], needs: [MarketField]) throws(MarketRow.Problem) {
        let names = header.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self).filter { $0 != " " }
        }
        columns = names.map { MarketField.byName[$0] ?? MarketField.byName[$0.lowercased()] }
        for need in MarketField.allCases {
            let count = columns.count { $0 == need }
            if count > 1 { throw .init(text: "the header names \(need) \(count) times") }
            if count == 0, needs.contains(need) {
                throw .init(text: "the header names no \(need); it is called \(need.names.joined(separator: " or "))")
            }
        }
    }

    func read(_ line: [UInt8], into row: inout MarketRow, _ names: SymbolNames) throws(MarketRow.Problem) {
        var (start, column) = (0, 0)
        for index in 0...line.count {
            if index < line.count {
                guard line[index] != UInt8(ascii: "\"") else {
                    throw .init(text: "byte \(index + 1): quoted fields are not read")
                }
                guard line[index] == UInt8(ascii: ",") else { continue }
            }
            guard column < columns.count else {
                throw .init(text: "it has more than the \(columns.count) columns of the header")
            }
            if let field = columns[column] {
                let span = unsafe line.span.bytes
                try row.set(field, span.extracting(start..<index), names)
            }
            (start, column) = (index + 1, column + 1)
        }
        guard column == columns.count else {
            throw .init(text: "it has \(column) columns, and the header has \(columns.count)")
        }
    }
}
