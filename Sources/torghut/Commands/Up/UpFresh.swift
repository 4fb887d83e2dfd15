import Glibc

/// Begins a folder anew: at a terminal after a question, else because it was asked for.
enum UpFresh {
    /// Answers what lies there that `up` did not make.
    static func clear(_ folder: UpFolder, isSure: Bool) throws -> [String] {
        if folder.isOurs, folder.hasLog, !isSure, isatty(STDIN_FILENO) == 1, StandardError.isTerminal {
            StandardError.raw("delete what 'torghut up' made in \(folder.path), log and database? [y/N] ")
            let answer = readLine()?.lowercased() ?? ""
            guard ["y", "yes"].contains(answer) else {
                throw UpFailure("nothing was deleted; without --fresh 'torghut up' goes on with what is there")
            }
        }
        let left = try folder.clear()
        try folder.make()
        return left
    }
}
