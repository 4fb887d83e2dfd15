import Schemas
import TestSupport

/// Puts one fault into a document: a field gone, or a value of another kind, size or look.
struct TreeSpoiler {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func spoil(_ tree: JSONTree) -> JSONTree {
        switch tree {
        case .object(let members) where !members.isEmpty:
            // Most faults lie deep: else nearly all would hit the envelope.
            let deep = members.indices.filter { members[$0].value.members != nil || members[$0].value.elements != nil }
            let descends = !deep.isEmpty && pick(4) != 0
            let index = descends ? deep[pick(deep.count)] : pick(members.count)
            var members = members
            switch descends ? 7 : pick(8) {
            case 0: members.remove(at: index)
            case 1: members.append(.init("a_field_nobody_knows", .null))
            default: members[index].value = spoil(members[index].value)
            }
            return .object(members)
        case .array(let elements):
            switch pick(4) {
            case 0: return .array([])
            case 1: return .array(Array(repeating: elements.first ?? .null, count: 100))
            case 2: return replacement()
            default:
                guard !elements.isEmpty else { return .array([.null]) }
                var elements = elements
                let index = pick(elements.count)
                elements[index] = spoil(elements[index])
                return .array(elements)
            }
        case .string(let text) where pick(2) == 0:
            return .string(
                [text + " ", text + "x", "", text.uppercased(), "-" + text, String(repeating: "é", count: 5_000)][
                    pick(6)])
        case .object, .string, .number, .bool, .null: return replacement()
        }
    }

    private mutating func replacement() -> JSONTree {
        [
            .null, .bool(true), .number("1"), .number("-1.0"), .number("1e3"), .number("1.5"), .number("1e-3"),
            .number("9223372036854775807"), .number("9223372036854775808"), .string("1.00"), .string("+1"),
            .string("2026-02-12T06:35:00+01:00"), .string("2026-02-12T06:35:60Z"), .string("a\u{7}b"), .object([]),
            .array([]), .string("\u{0}"), .string("ﬁ😀"), .string("01234567-89AB-8def-8123-456789abcdef"),
        ][pick(19)]
    }

    private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
}
