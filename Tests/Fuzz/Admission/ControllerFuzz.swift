internal import GatewayAPI
internal import Injection

@testable internal import Controller

/// Pure entries for fuzzing what the controller's served API is asked, and the names of images. Each takes any bytes
/// and returns the invariants that they broke: nothing, if all is well.
package enum ControllerFuzz {
    package static func request(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        var broken: [String] = []
        if let mark = ListContinuation(text), ListContinuation(mark.text)?.text != mark.text {
            broken.append("the mark")
        }
        if let claims = TokenClaims(text), claims.audiences.contains(where: { $0.utf8.count > bytes.count }) {
            broken.append("an audience longer than its token")
        }
        do throws(SelectorError) {
            let selector = try LabelSelector(text)
            if selector.requirements.count > ServedAPILimits.selectorRequirements {
                broken.append("no end of a selector")
            }
        } catch {
            if "\(error)".isEmpty { broken.append("a refusal without words") }
        }
        if case .object(_, let key) = ServedPath(text), key.name.isEmpty { broken.append("an object without a name") }
        return broken
    }

    package static func image(_ bytes: [UInt8]) -> [String] {
        guard let image = ImageReference(String(decoding: bytes, as: UTF8.self)) else { return [] }
        // A registry is told by capitals as well, which its name is rid of.
        let again = ImageReference(image.repository)?.repository
        let isSame = again == image.repository || again == "docker.io/" + image.repository
        return isSame && image.repository.contains("/") ? [] : ["another repository"]
    }
}
