internal import Domain

/// What writers hold themselves to. Ours write UTC and canonical decimals; the readers of the house are a little laxer
/// than this (lower-case `t`, a plus sign, a tenth digit that is 0).
extension TextForm {
    func keywords(isRequired: Bool) -> [JSONTree.Member] {
        switch self {
        case .decimal: [.init("pattern", .string(#"^-?[0-9]{1,30}(\.[0-9]{1,9})?$"#))]
        case .time: [.init("format", .string("date-time")), .init("pattern", .string(Self.timePattern))]
        case .uuid:
            [
                .init("format", .string("uuid")),
                .init("pattern", .string("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")),
            ]
        case .hexadecimal(let digits): [.init("pattern", .string("^[0-9a-f]{\(digits)}$"))]
        case .base64(let most):
            [
                .init("contentEncoding", .string("base64")),
                .init("maxLength", .integer((most + 2) / 3 * 4)),
                .init("pattern", .string("^[A-Za-z0-9+/]*={0,2}$")),
            ]
        case .name(let most):
            [
                .init("minLength", .integer(1)), .init("maxLength", .integer(most)),
                .init("pattern", .string(#"^[^\u0000-\u001f\u007f-\u009f]+$"#)),
            ]
        case .prose(let most):
            [
                .init("minLength", .integer(1)), .init("maxLength", .integer(most)),
                .init("pattern", .string(#"^[^\u0000]+$"#)),
            ]
        case .pattern(let pattern, _): [.init("pattern", .string(pattern))]
        case .words(let words):
            [
                .init("enum", .array(words.map { .string($0.word) } + (isRequired ? [] : [.null]))),
                .init("x-meanings", .object(words.map { .init($0.word, .string($0.meaning)) })),
            ]
        }
    }

    private static let timePattern =
        "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
        + #"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"#

    /// A text of this form, for a field whose note has none.
    var example: String {
        switch self {
        case .decimal: "190.25"
        case .time: "2026-02-12T06:35:00.123456789Z"
        case .uuid: "01234567-89ab-8def-8123-456789abcdef"
        case .hexadecimal(let digits): String(repeating: "0123456789abcdef", count: digits / 16 + 1).prefixed(digits)
        case .base64: "eyJvIjoxfQ=="
        case .name: "name"
        case .prose: "Because of the reason that stands here."
        case .pattern(_, let example): example
        case .words(let words): words.first?.word ?? ""
        }
    }
}

extension String {
    fileprivate func prefixed(_ count: Int) -> String { String(prefix(count)) }
}
