package import GatewayAPI

extension SourceState {
    /// The same problem, where it says that an object does not exist which is there and cannot be used: the cause has been told
    /// before.
    package func naming(_ problem: Problem) -> Problem {
        guard problem.message.contains(Self.absence) else { return problem }
        var named = problem
        for object in refused {
            named.message.replace("\(object)\(Self.absence)", with: "\(object) cannot be used, as its own problems say")
        }
        return named
    }

    private static let absence = " does not exist"

    /// Objects that were read and are not used, as problems call them.
    private var refused: Set<String> {
        Set(problems.filter { $0.severity == .error && $0.message.hasSuffix("the object is not used") }.map(\.object))
    }
}
