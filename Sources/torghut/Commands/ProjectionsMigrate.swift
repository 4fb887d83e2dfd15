import Runtime

/// The database's schema, before a release is rolled out.
enum ProjectionsMigrate {
    static let command = Command(
        "projections migrate", "bring the database's schema up to this release",
        details: """
            Applies the migrations that the database lacks, each in one transaction, and lists them. Needs no log. The \
            role projections does the same when it starts; this is for a step before a roll-out, which fails where \
            nobody waits for it. A migration that changed after it was applied is refused.
            """
    ) { invocation in
        let settings = try invocation.settings()
        let applied = try await Migrations.apply(settings, to: invocation.database(settings))
        var listing = Listing("migration")
        for name in applied { listing.add(.text(name)) }
        if invocation.json || !listing.isEmpty { try listing.print(json: invocation.json) }
        if listing.isEmpty { StandardError.line("nothing to do") }
        return .ok
    }
}
