import Backtesting
import Digest

/// What makes two submits the same run: their configuration and their lane, nothing else.
struct BacktestIdentity: Sendable, Equatable {
    let lane: Lane
    let reproducibilityHash: String
    let id: String

    enum Lane: String, Sendable, CaseIterable {
        case research = "research_backtest"
        case shadowReplay = "shadow_replay"

        /// Also by its short names, and with hyphens.
        init?(named name: String) {
            switch name.replacing("-", with: "_") {
            case "research", "research_backtest": self = .research
            case "shadow", "shadow_replay": self = .shadowReplay
            default: return nil
            }
        }
    }

    init(_ config: Document, in lane: Lane) {
        self.lane = lane
        reproducibilityHash = HexText.of(SHA256.hash(config.canonical))
        id = String(HexText.of(SHA256.hash(Array("\(lane.rawValue):\(reproducibilityHash)".utf8))).prefix(20))
    }

    /// Whether a text can be the id of a run; only such a text is ever a part of a path.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == 20
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
