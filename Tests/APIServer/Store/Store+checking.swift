import Foundation
import GatewayAPI

extension Store {
    /// Kind, version and namespace of a body fit the path.
    static func check(_ node: Node, _ write: Write) throws(APIStatus) {
        let expected = write.kind.apiVersion(write.version)
        // Built-in kinds may leave both out.
        let isSilent = !write.kind.isCustom && node["apiVersion"] == nil && node["kind"] == nil
        let version = isSilent ? expected : node.text("apiVersion") ?? ""
        guard node.isMapping, isSilent || node.text("kind") == write.kind.kind else {
            throw .badRequest(
                "the object provided is unrecognized: kind \"\(node.text("kind") ?? "")\", not \(write.kind.kind)")
        }
        guard version == expected else {
            throw .badRequest(
                "the API version in the data (\(version)) does not match the expected API version (\(expected))")
        }
        if let namespace = node.text("metadata", "namespace"), !namespace.isEmpty, namespace != write.key.namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        if let name = node.text("metadata", "name"), !write.key.name.isEmpty, name != write.key.name {
            throw .badRequest(
                "the name of the object (\(name)) does not match the name on the URL (\(write.key.name))")
        }
    }

    /// The name of an object to be created, from `generateName` if need be.
    static func name(of node: inout Node, _ write: Write) throws(APIStatus) -> String {
        if let name = node.text("metadata", "name"), !name.isEmpty {
            guard isName(name) else {
                throw .invalid(
                    write.kind, name, field: "metadata.name",
                    "Invalid value: \"\(name)\": a lowercase RFC 1123 subdomain")
            }
            return name
        }
        guard let prefix = node.text("metadata", "generateName"), !prefix.isEmpty else {
            throw .invalid(write.kind, "", field: "metadata.name", "Required value: name or generateName is required")
        }
        let name = prefix + String((0..<5).map { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement() ?? "b" })
        node.update("metadata") { $0.set("name", .string(name)) }
        return name
    }

    /// Roles and the like may have colons, too; everything else is a DNS subdomain.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 253
            && name.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (48...58).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
    }

    func checkNamespace(_ write: Write) throws(APIStatus) {
        guard write.kind.isNamespaced, let namespaces = collections["namespaces"] else { return }
        guard let namespace = namespaces[ObjectKey(namespace: "", name: write.key.namespace)] else {
            throw .notFound(namespaces.kind, write.key.namespace)
        }
        if namespace.isBeingDeleted {
            throw APIStatus(
                code: 403, reason: "Forbidden",
                message: "\(write.kind.resource) \"\(write.key.name)\" is forbidden: unable to create new content in "
                    + "namespace \(write.key.namespace) because it is being terminated")
        }
    }

    /// A binding's Role has to be there, since the server compares its rules with the rights of whoever binds it.
    func checkRole(_ node: Node, _ write: Write) throws(APIStatus) {
        guard write.kind.resource == "rolebindings.rbac.authorization.k8s.io", node.text("roleRef", "kind") == "Role",
            let roles = collections["roles.rbac.authorization.k8s.io"], let name = node.text("roleRef", "name"),
            roles[ObjectKey(namespace: write.key.namespace, name: name)] == nil
        else { return }
        throw .notFound(roles.kind, name)
    }

    static func checkVersion(_ node: Node, _ old: StoredObject, _ write: Write) throws(APIStatus) {
        let version = node.text("metadata", "resourceVersion") ?? ""
        guard version.isEmpty || version == "\(old.resourceVersion)" else {
            throw .conflict(write.kind, write.key.name)
        }
        if let uid = node.text("metadata", "uid"), !uid.isEmpty, uid != old.uid {
            throw .conflict(
                write.kind, write.key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
        }
    }

    /// `/status` changes the status alone, everything else leaves it.
    static func respectingSubresource(_ node: Node, _ old: StoredObject, _ write: Write) -> Node {
        guard write.kind.hasStatus else { return node }
        if write.subresource == "status" {
            var result = old.node
            result.set("status", node["status"])
            return result
        }
        var result = node
        result.set("status", old.node["status"])
        return result
    }
}
