import GatewayAPI
import Kubernetes

/// Bodies of requests.
enum JSON {
    static func node(_ bytes: [UInt8]) throws(APIStatus) -> Node {
        do {
            return try JSONReader.node(bytes)
        } catch {
            throw .badRequest("error decoding the request body: \(error)")
        }
    }

    /// The body of a server-side apply, which may be YAML.
    static func yaml(_ bytes: [UInt8]) throws(APIStatus) -> Node {
        do {
            let documents = try YAMLReader.documents(bytes)
            if let defect = documents.first?.defect { throw defect }
            guard documents.count == 1 else { throw YAMLError("is not one document") }
            return documents[0].root
        } catch {
            throw .badRequest("error decoding the request body: \(error)")
        }
    }
}
