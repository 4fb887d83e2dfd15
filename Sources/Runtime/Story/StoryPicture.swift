internal import Core
public import Domain

/// A story as a graph for Graphviz: one box for each event, one arrow for each thing that followed.
public enum StoryDOT {
    public static func text(_ account: StoryAccount) -> String {
        var text = "digraph story {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
        var number = 0
        for root in account.roots { write(root, under: nil, &number, &text) }
        for (index, hole) in account.holes.enumerated() {
            text += "  h\(index) [label=\(quoted("missing: " + hole.missing)), color=red, fontcolor=red];\n"
        }
        return text + "}\n"
    }

    private static func write(_ node: StoryNode, under parent: Int?, _ number: inout Int, _ text: inout String) {
        let own = number
        number += 1
        text += "  n\(own) [label=\(quoted("\(node.type)\n\(node.at)\n\(node.place)"))];\n"
        if let parent {
            let latency = node.latencyMicroseconds.map { StoryText.latency($0) } ?? ""
            let style = node.role == .followed ? "" : ", style=dashed"
            text += "  n\(parent) -> n\(own) [label=\(quoted(latency))\(style)];\n"
        }
        for child in node.children { write(child, under: own, &number, &text) }
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
            }
        }
        return quoted + "\""
    }
}

/// A story as a picture: the same story gives the same bytes, and nothing in it can be anything but text.
public enum StorySVG {
    private static let (row, indent, width) = (40, 28, 1_180)

    public static func text(_ account: StoryAccount) -> String {
        var rows: [(node: StoryNode, depth: Int, parent: Int?)] = []
        for root in account.roots { place(root, 0, nil, &rows) }
        let height = (rows.count + account.holes.count + 2) * row
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12" role="img">
            <title>\(escaped("Story of \(account.decisions.first ?? account.brokerOrderIDs.first ?? "an order")"))</title>
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        text += line(0, 0, "\(account.symbol?.text ?? "") \(account.verdict.rawValue)", color(account.verdict))
        for (index, entry) in rows.enumerated() { text += draw(entry.node, entry.depth, entry.parent, index) }
        for (index, hole) in account.holes.enumerated() {
            text += line(rows.count + index + 1, 0, "missing: \(hole.missing), shown by \(hole.shownBy)", "#b00020")
        }
        return text + "</svg>\n"
    }

    private static func place(
        _ node: StoryNode, _ depth: Int, _ parent: Int?, _ rows: inout [(node: StoryNode, depth: Int, parent: Int?)]
    ) {
        let own = rows.count
        rows.append((node, depth, parent))
        for child in node.children { place(child, depth + 1, own, &rows) }
    }

    private static func draw(_ node: StoryNode, _ depth: Int, _ parent: Int?, _ index: Int) -> String {
        let (x, y) = (12 + min(depth, 20) * indent, (index + 1) * row)
        var text = ""
        if let parent {
            let (px, py) = (x - indent + 6, (parent + 1) * row + 30)
            let dash = node.role == .followed ? "" : " stroke-dasharray=\"4 3\""
            text += "<path d=\"M\(px) \(py)V\(y + 15)H\(x)\" fill=\"none\" stroke=\"#888888\"\(dash)/>\n"
        }
        let latency = node.latencyMicroseconds.map { " " + StoryText.latency($0) } ?? ""
        text +=
            "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width - x - 12)\" height=\"30\" rx=\"4\" fill=\"\(fill(node.role))\"/>\n"
        text += "<text x=\"\(x + 8)\" y=\"\(y + 13)\" font-weight=\"bold\">\(escaped(node.type + latency))</text>\n"
        text += "<text x=\"\(x + 8)\" y=\"\(y + 26)\" fill=\"#555555\">\(escaped("\(node.at)  \(node.place)"))</text>\n"
        return text
    }

    private static func line(_ index: Int, _ x: Int, _ words: String, _ color: String) -> String {
        "<text x=\"\(x + 12)\" y=\"\(index * row + 22)\" font-weight=\"bold\" fill=\"\(color)\">\(escaped(words))</text>\n"
    }

    private static func fill(_ role: StoryNode.Role) -> String {
        switch role {
        case .followed: "#e8f0fe"
        case .reason: "#fef3e0"
        case .inForce: "#f1f1f1"
        case .unread: "#fde7e9"
        }
    }

    private static func color(_ verdict: StoryVerdict) -> String {
        switch verdict {
        case .complete: "#0b6b2d"
        case .open: "#7a5a00"
        case .incomplete: "#b00020"
        }
    }

    /// What XML reads as text, whatever it says; characters that XML does not have become spaces.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default:
                let isText = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                escaped.unicodeScalars.append(isText ? scalar : " ")
            }
        }
        return escaped
    }
}
