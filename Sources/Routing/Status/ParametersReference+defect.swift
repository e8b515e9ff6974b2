internal import GatewayAPI

extension ParametersReference {
    /// Why the reference cannot lead to parameters, whatever exists: only a ConfigMap holds any.
    func defect(isNamespaced: Bool) -> String? {
        if let defect { return defect }
        guard group.isEmpty, kind == "ConfigMap" else {
            let written = group.isEmpty ? kind : "\(group)/\(kind)"
            return "parametersRef: kind \(written) holds no parameters; ConfigMap (group \"\") does"
        }
        if isNamespaced, namespace == nil { return "parametersRef: namespace is required for a ConfigMap" }
        return nil
    }
}
