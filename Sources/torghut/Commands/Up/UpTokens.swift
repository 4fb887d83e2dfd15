import Glibc

/// Tokens for the API: one for whoever looks at the console, one for the simulated trader; made once for a folder, so
/// that an open page goes on after a new start.
struct UpTokens: Sendable {
    static let consoleName = "console"
    static let traderName = "trader"

    let console: String

    init(_ folder: UpFolder) throws {
        if let console = Self.kept(in: folder) {
            self.console = console
            return
        }
        let (console, trader) = (Self.made(), Self.made())
        self.console = console
        try folder.put(Array("\(trader)\n".utf8), in: UpFolder.traderTokenName)
        let lines = """
            # Made by 'torghut up'. Whoever has a token may do what stands before it, on this machine.
            \(Self.consoleName) read,operate,trade \(console)
            \(Self.traderName) read,trade \(trader)

            """
        // Last: with this file the others are there too.
        try folder.put(Array(lines.utf8), in: UpFolder.tokensName)
    }

    private static func kept(in folder: UpFolder) -> String? {
        guard unsafe access(folder[UpFolder.traderTokenName], R_OK) == 0 else { return nil }
        let lines = UpFolder.text(of: folder[UpFolder.tokensName])?.split(separator: "\n") ?? []
        let words = lines.map { $0.split(separator: " ") }.first { $0.first == Substring(consoleName) }
        return words.flatMap { $0.count >= 3 ? String($0[2]) : nil }
    }

    private static func made() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<3).map { _ in
            let digits = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
