/// Every read model; adding one is a folder beside its fold and a line here.
public enum Catalog {
    public static let all: [any Projection.Type] = [
        TradeDecisions.self,
        Executions.self,
        ExecutionOrderEvents.self,
        RouteAttempts.self,
        Discrepancies.self,
        LeanExecutionShadowEvents.self,
        LeanBacktestRuns.self,
        LeanCanaryIncidents.self,
        LeanCanaryVerdicts.self,
        LeanStrategyShadowEvaluations.self,
        ControlStates.self,
        Strategies.self,
        QuarantinedRecords.self,
    ]
}
