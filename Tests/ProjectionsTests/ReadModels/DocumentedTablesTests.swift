import Domain
import Foundation
import Testing

@testable import Projections

/// `docs/read-models.md`, as far as it speaks of tables.
private struct Document {
    struct Table: Equatable {
        var kind = ""
        var columns: [String] = []
        var hasQuery = false
    }

    var tables: [String: Table] = [:]

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/read-models.md")
        var name = ""
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("## ") { name = "" }
            if line.hasPrefix("### "), let open = line.firstIndex(of: "(") {
                name = line.dropFirst(4)[..<open].trimmingCharacters(in: .whitespaces)
                let kind = line[line.index(after: open)...].prefix { $0.isLetter }
                tables[name] = Table(kind: String(kind))
            }
            guard !name.isEmpty else { continue }
            if line == "```sql" { tables[name]?.hasQuery = true }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 6, ["yes", "no"].contains(cells[3]) else { continue }
            tables[name]?.columns.append(cells[1...4].joined(separator: " "))
        }
    }
}

@Suite struct `The page of read models` {
    private static var shapes: [TableShape] { Catalog.all.flatMap { $0.shapes }.filter { $0.name != ParkedRow.table } }

    @Test func `names every table, its columns in order, their types, whether they may be null, and their units`()
        throws
    {
        let document = try Document()
        #expect(Set(document.tables.keys) == Set(Self.shapes.map(\.name.name)))
        for shape in Self.shapes {
            let table = document.tables[shape.name.name] ?? Document.Table()
            #expect(table.kind == "\(shape.name.kind)", "\(shape.name.name)")
            let columns = shape.columns.map { column in
                [column.name, column.type.rawValue, column.isNullable ? "yes" : "no", column.unit ?? ""]
                    .joined(separator: " ")
            }
            for (documented, declared) in zip(table.columns, columns) {
                #expect(documented == declared, "\(shape.name.name)")
            }
            #expect(table.columns.count == columns.count, "\(shape.name.name)")
            #expect(table.hasQuery, "\(shape.name.name) has an example")
        }
    }

    @Test func `names the indexes, and no two have one name`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/read-models.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let indexes = Self.shapes.flatMap(\.name.indexes)
        #expect(Set(indexes.map(\.name)).count == indexes.count)
        for index in indexes { #expect(text.contains("`\(index.name)` on"), "\(index.name)") }
    }

    @Test func `has symbol at the end of the key of every table that is folded by symbol`() {
        for projection in Catalog.all where projection.ownership.key == .symbol {
            for shape in projection.shapes where shape.name.kind == .current && shape.name != ParkedRow.table {
                #expect(shape.key.last?.name == "symbol", "\(shape.name.name)")
                #expect(shape.key.first?.name == "alpaca_account_label", "\(shape.name.name)")
            }
        }
    }
}
