print("benchmarks")
try WireSpeed.run(rounds: CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 400_000 : 400_000)
