/// How one record lies in a payload: timestamp (i64), length of the key (i32, −1 for null), length of the value (i32,
/// −1 for null), length of the headers (u32), then key, value and headers.
///
/// Its offset is its place in the slice.
enum RecordLayout {
    static let fixedBytes = 20
}
