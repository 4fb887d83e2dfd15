import Runtime

/// The database's schema, before a release is rolled out.
enum ProjectionsMigrate {
    static let command = Command(
        "projections migrate", "bring the database's schema up to this release",
        details: """
            Applies the migrations that the database lacks, each in one transaction, and lists them. Needs no log. The \
            role projections does the same when it starts; this is for a step before a roll-out, which fails where \
            nobody waits for it. A migration that changed after it was applied is refused; what a later \
            release applied is left as it is, because migrations only add.
            """
    ) { invocation in
        let settings = try invocation.settings()
        let found = try await Migrations.apply(settings, to: invocation.database(settings))
        var listing = Listing("migration")
        for name in found.applied { listing.add(.text(name)) }
        for name in found.later {
            StandardError.line("the database has \(name) of a later release: this program goes on beside it")
        }
        if invocation.json || !listing.isEmpty { try listing.print(json: invocation.json) }
        if listing.isEmpty { StandardError.line("nothing to do") }
        return .ok
    }
}
