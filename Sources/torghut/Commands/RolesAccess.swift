import Domain
import Runtime

/// What each role touches in the log, as it is declared.
enum RolesAccess {
    static let command = Command(
        "roles access", "what each role reads and writes in the log",
        details: """
            Topics that it reads and writes, groups that it joins, and the names under which it writes (transactional ids \
            on Kafka); of groups and writers the beginnings. It is what the role's user on Kafka needs, and nothing else.
            """
    ) { invocation in
        var listing = Listing("role", "use", "what")
        for role in RoleCatalog.all.map({ $0.name }) {
            guard let access = RoleAccess(of: role) else { continue }
            let uses = [
                ("read", access.reads.map(\.name)), ("write", access.writes.map(\.name)), ("group", access.groups),
                ("writer", access.writers),
            ]
            for (use, names) in uses {
                for name in names.sorted() { listing.add(.text(role.rawValue), .text(use), .text(name)) }
            }
        }
        try listing.print(json: invocation.json)
        return .ok
    }
}
