import Glibc

/// Begins a folder anew: at a terminal after a question, else because it was asked for.
enum UpFresh {
    /// Answers what lies there that `up` did not make.
    static func clear(_ folder: UpFolder, isSure: Bool) throws -> [String] {
        guard !folder.isLogHeld else {
            throw UpFailure(
                "a process writes the journal in \(folder.path), so nothing was deleted; end it first ('torghut roles' names it)"
            )
        }
        if folder.isOurs, folder.hasLog, !isSure, isatty(STDIN_FILENO) == 1, StandardError.isTerminal {
            StandardError.raw("delete what 'torghut up' made in \(folder.path), log and database? [y/N] ")
            try waitForInput()
            let answer = readLine()?.lowercased() ?? ""
            guard ["y", "yes"].contains(answer) else {
                throw UpFailure("nothing was deleted; without --fresh 'torghut up' goes on with what is there")
            }
        }
        let left = try folder.clear()
        try folder.make()
        return left
    }

    /// Looks up now and then: Ctrl-C is an answer too.
    private static func waitForInput() throws {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&input, 1, 100) <= 0 { try Task.checkCancellation() }
    }
}
