/// The word someone probably meant.
public enum NearestWord {
    /// The nearest of these, when it is near enough to be worth a question.
    public static func to(_ word: String, among words: [String]) -> String? {
        let ranked = words.map { (distance(word, $0), $0) }.min { $0.0 < $1.0 }
        guard let (distance, nearest) = ranked, distance <= max(1, word.count / 2) else { return nil }
        return nearest
    }

    /// Letters to insert, remove or replace (Levenshtein), row by row.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(diagonal + (letter == right[column] ? 0 : 1), above + 1, row[column] + 1)
                diagonal = above
            }
        }
        return row[right.count]
    }
}
