import CRelease
import JSON

/// Which release this is, and of which commit it was made.
enum Version {
    /// Raised by whoever releases; the package, its bill of materials and its images are named by it.
    static let number = "0.1.0"

    /// Empty where nobody said so: a build of a developer.
    static var commit: String { unsafe String(cString: crelease_commit()) }

    static var text: String { "torghut \(number) (\(commit.isEmpty ? "development build" : commit))" }

    static let command = Command(
        "version", "say which release this is, and of which commit", details: "The same as torghut --version."
    ) { invocation in
        guard invocation.json else {
            try StandardOutput().line(text)
            return .ok
        }
        var json = JSONWriter()
        json.object { json in
            json.key("version")
            json.string(number)
            json.key("commit")
            if commit.isEmpty { json.null() } else { json.string(commit) }
        }
        json.newline()
        try StandardOutput().write(json.finish())
        return .ok
    }
}
