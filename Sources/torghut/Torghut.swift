import Glibc

/// The program: one tree of commands, one place where errors become exit codes.
@main
enum Torghut {
    static let tree = CommandTree(commands: [
        Up.command, Run.command, Roles.command, RolesAccess.command, Status.command, Explain.command, Audit.command,
        Doctor.command, Version.command, DownstreamVerify.command, ReleaseCheck.command,
        ProjectionsMigrate.command, ProjectionsStatus.command, ProjectionsVerify.command, ProjectionsRebuild.command,
        ProjectionsSwitch.promote, ProjectionsSwitch.rollback, ProjectionsSwitch.drop,
        Kill.command, Resume.command, ControlStatus.command,
        LaneSwitch.disable, LaneSwitch.dryRun, LaneSwitch.enable, OverrideGrant.command, SymbolReview.open,
        SymbolReview.clear,
        OrdersShow.command, FeedPosition.list, FeedPosition.set,
        QuarantineList.command, QuarantineShow.command,
        QuarantineDecision.release, QuarantineDecision.skip, QuarantineDecision.patch,
        ReconcileOnce.command, DiscrepanciesList.command, DiscrepanciesShow.command, DiscrepanciesResolve.command,
        ShadowParity.command, ShadowReportCommand.command,
        CanaryStatus.command, CanaryVerdicts.command, CanaryRecompute.command, CanaryIncidentCommands.list,
        CanaryIncidentCommands.show, CanaryIncidentCommands.resolve, CanaryRollout.command, ParityReport.command,
        DecisionsSubmit.command, Strategies.list, Strategies.enable, Strategies.disable,
        BacktestSubmit.command, BacktestShow.list, BacktestShow.show, BacktestRunner.cancel, BacktestRunner.artifacts,
        TopicsList.command, TopicsPlan.command, TopicsApply.command, TopicsVerify.command,
        LogAppend.command, LogRead.command, LogStats.command, LogVerify.command, LogRepair.command,
        LogArchive.command, LogRestore.command, LogRetention.command,
        SchemasList.command, SchemasShow.command, SchemasValidate.command, SchemasCheck.command,
        SchemasRegister.command, SchemasWrite.command, SchemasRelease.command,
        KafkaDev.command,
    ])

    static func main() async {
        // Both are reported by the call that fails: a reader that left, and a limit on the size of files.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ arguments: [String]) async -> ExitCode {
        do {
            // What everybody tries first; it goes before all that may be wrong.
            if arguments == ["--version"] {
                try StandardOutput().line(Version.text)
                return .ok
            }
            var parser = ArgumentParser(tree)
            switch try parser.parse(arguments) {
            case .help(let path):
                try StandardOutput().write(Array(HelpText(tree: tree).text(for: path).utf8))
                return .ok
            case .run(let invocation): return try await invocation.command.run(invocation)
            }
        } catch is BrokenPipe {
            return .ok
        } catch let error as UsageError {
            for problem in error.problems { StandardError.line("torghut: \(problem)") }
            return .usage
        } catch {
            StandardError.line("torghut: \(error)")
            return .failure
        }
    }
}
