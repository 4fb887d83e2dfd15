internal import Domain

/// What may stand in a field.
indirect enum FieldShape {
    case text(TextForm)
    case integer
    case bool
    /// JSON that somebody else wrote.
    case anything
    case record([FieldSchema])
    case list(FieldShape, ClosedRange<Int>)
}

/// One field as a walk told of it.
struct FieldSchema {
    let name: String
    var shape: FieldShape
    var isRequired: Bool
    let note: FieldNote
    /// The only value it may have.
    var constant: JSONTree?

    init(_ name: StaticString, _ shape: FieldShape, isRequired: Bool, _ note: FieldNote) {
        self.name = name.description
        self.shape = shape
        self.isRequired = isRequired
        self.note = note
    }
}
