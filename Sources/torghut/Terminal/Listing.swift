import JSON

/// Rows with named columns: a table for a person, or JSON with one object per line.
struct Listing {
    enum Cell {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case none

        var shown: String {
            switch self {
            case .text(let text): text
            case .number(let number): String(number)
            case .flag(let flag): flag ? "yes" : "no"
            case .none: "-"
            }
        }

        fileprivate func write(into json: inout JSONWriter) {
            switch self {
            case .text(let text): json.string(text)
            case .number(let number): json.integer(number)
            case .flag(let flag): json.bool(flag)
            case .none: json.null()
            }
        }

        fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
    }

    private let columns: [String]
    private var rows: [[Cell]] = []

    init(_ columns: String...) { self.columns = columns }

    mutating func add(_ cells: Cell...) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    var isEmpty: Bool { rows.isEmpty }

    func print(json: Bool) throws { try StandardOutput().write(json ? lines : table) }

    private var lines: [UInt8] {
        var json = JSONWriter()
        for row in rows {
            json.object { json in
                for (column, cell) in zip(columns, row) {
                    json.key(column)
                    cell.write(into: &json)
                }
            }
            json.newline()
        }
        return json.finish()
    }

    private var table: [UInt8] {
        let widths = columns.indices.map { column in
            max(columns[column].count, rows.map { $0[column].shown.count }.max() ?? 0)
        }
        func line(_ cells: [(text: String, right: Bool)]) -> String {
            zip(cells, widths).map { $0.text.padded(to: $1, right: $0.right) }.joined(separator: "  ").trimmedEnd + "\n"
        }
        var text = line(
            columns.indices.map { index in
                (columns[index].replacing("_", with: " "), rows.first?[index].isNumber ?? false)
            })
        for row in rows { text += line(row.map { ($0.shown, $0.isNumber) }) }
        return Array(text.utf8)
    }
}
