import Core
import Glibc
import JSON

/// How books are opened: locked, read, their torn end cut away, and written anew when they have grown.
extension BookFile {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private static let heading = Tree.object(["books": .count(1)])

    /// The file, and the state that its pages lead to from this one.
    ///
    /// Books of more bytes than `limit` are written anew: what stands, without how it came about.
    static func open(
        _ folder: String, grownAt limit: Int, _ fresh: SimBroker.State, _ hub: StreamHub
    ) throws -> (BookFile, SimBroker.State) {
        try DiskFile.makeFolder(folder)
        // A file of its own, because the books may be replaced by others; it is held until the process ends.
        let lock = try DiskFile.open(folder + "/lock")
        guard DiskFile.lock(lock) else {
            close(lock)
            throw Problem(description: "another process has the books in \(folder)")
        }
        let path = folder + "/books.log"
        var file = try DiskFile.open(path)
        let bytes = try DiskFile.read(file)
        var state = fresh
        let whole = try replay(bytes, into: &state, hub)
        if whole < bytes.count { try DiskFile.cut(file, to: whole) }
        state.lives.goOn()
        if whole == 0 {
            try DiskFile.append(first(of: &state), to: file)
            try DiskFile.sync(folder: folder)
        } else if whole > limit {
            close(file)
            file = try rewrite(&state, hub, in: folder, path)
        }
        // What was replayed is in the books already.
        _ = BookPage(taking: &state)
        return (BookFile(file: file, telling: hub), state)
    }

    /// The heading, and what an account begins with.
    private static func first(of state: inout SimBroker.State) -> [UInt8] {
        let page = BookPage(taking: &state).map { BookLine.sealed($0.tree) } ?? []
        return BookLine.sealed(heading) + page
    }

    /// How many bytes are whole lines; a broken line with whole ones behind it is damage, and no torn end.
    private static func replay(_ bytes: [UInt8], into state: inout SimBroker.State, _ hub: StreamHub) throws -> Int {
        var parser = JSONParser()
        var (place, number) = (0, 0)
        while let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            guard let page = BookLine.opened(bytes[place..<end], with: &parser) else {
                var rest = end + 1
                while let next = bytes[rest...].firstIndex(of: UInt8(ascii: "\n")) {
                    guard BookLine.opened(bytes[rest..<next], with: &parser) == nil else {
                        throw Problem(
                            description: "line \(number) of the books is damaged, and there are lines behind it")
                    }
                    rest = next + 1
                }
                return place
            }
            if number == 1 {
                guard page == heading else { throw Problem(description: "these books are of another kind") }
            } else {
                guard state.replay(page) else {
                    throw Problem(description: "line \(number) of the books does not follow those before it")
                }
                for amendment in page["amendments"]?.elements ?? [] { hub.remember(amendment) }
            }
            place = end + 1
        }
        return place
    }

    /// The same books in as few lines as they need; the old ones stand until the new are on the disk.
    private static func rewrite(
        _ state: inout SimBroker.State, _ hub: StreamHub, in folder: String, _ path: String
    ) throws -> Int32 {
        let file = try DiskFile.open(folder + "/books.new", empty: true)
        _ = BookPage(taking: &state)
        state.written = nil
        state.positions.touchAll()
        state.quotes.touchAll()
        state.lives.touchAll()
        try DiskFile.append(first(of: &state), to: file)
        let rows = max(state.orders.count, state.executions.rows.count, state.log.entries.count)
        // All orders go first: executions name them.
        for from in stride(from: 0, to: rows, by: BookPage.maximumRows) {
            state.orders.touch(from..<min(from + BookPage.maximumRows, max(from, state.orders.count)))
            if let page = BookPage(taking: &state) { try DiskFile.append(BookLine.sealed(page.tree), to: file) }
        }
        for from in stride(from: 0, to: rows, by: BookPage.maximumRows) {
            let end = from + BookPage.maximumRows
            state.executions.touch(from..<min(end, max(from, state.executions.rows.count)))
            state.log.touch(from..<min(end, max(from, state.log.entries.count)))
            if let page = BookPage(taking: &state) { try DiskFile.append(BookLine.sealed(page.tree), to: file) }
        }
        for amendment in hub.remembered {
            let page = Tree.object([
                "at": .count(Int(state.lastTime.nanoseconds)), "amendments": .array([amendment]),
                "dice": .string(String(state.dice.state)),
            ])
            try DiskFile.append(BookLine.sealed(page), to: file)
        }
        try DiskFile.rename(folder + "/books.new", to: path)
        try DiskFile.sync(folder: folder)
        return file
    }
}
