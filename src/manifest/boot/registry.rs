//! What the messages about an image that cannot be pulled mean.

use super::message::has_any;
use super::problem::Problem;

const DENIED: [&str; 8] = [
    "unauthorized",
    "authorization failed",
    "access denied",
    "no basic auth credentials",
    "authentication required",
    "insufficient_scope",
    "403 forbidden",
    "denied:",
];
const MISSING: [&str; 4] = ["not found", "notfound", "manifest unknown", "name unknown"];
const PLATFORM: [&str; 2] = ["no match for platform", "no matching manifest"];
const DISTRUSTED: [&str; 3] = [
    "x509:",
    "failed to verify certificate",
    "server gave http response to https client",
];

/// Why an image could not be pulled; what may be an outage is a plain `ImagePull`.
pub(super) fn image_problem(message: &str) -> Problem {
    let message = message.to_lowercase();
    // The order counts: registries hide what is there from strangers as "does not exist or denied".
    if has_any(&message, &["no such host"]) {
        return Problem::RegistryName;
    }
    if has_any(&message, &DISTRUSTED) {
        return Problem::RegistryTrust;
    }
    if has_any(&message, &PLATFORM) {
        return Problem::ImagePlatform;
    }
    if has_any(&message, &DENIED) {
        return Problem::ImageDenied;
    }
    if has_any(&message, &MISSING) {
        return Problem::ImageMissing;
    }
    Problem::ImagePull
}
