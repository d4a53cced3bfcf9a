//! What a trouble is, by the words of Kubernetes.

use crate::manifest::trouble::{CRASHES, GATED, OUT_OF_MEMORY, Trouble, UNSCHEDULABLE, UNSEEN};
use crate::model::Quantity;

use super::message::{between, has_any};
use super::problem::Problem;
use super::registry::image_problem;

/// What `trouble` is.
pub fn problem(trouble: &Trouble) -> Problem {
    let message = trouble.message.as_str();
    match trouble.reason.as_str() {
        UNSCHEDULABLE => Problem::Unschedulable,
        GATED => Problem::Gated,
        UNSEEN => Problem::Scheduler,
        "InvalidImageName" => Problem::ImageName,
        "ErrImageNeverPull" => Problem::ImageMissing,
        "SignatureValidationFailed" => Problem::RegistryTrust,
        "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" | "ImageInspectError" => {
            image_problem(message)
        }
        _ if is_out_of_memory(trouble) => Problem::OutOfMemory,
        CRASHES if is_no_program(message) => Problem::NotADaemon,
        CRASHES => Problem::Crash,
        "FailedCreate" => creation(message),
        "ProvisioningFailed" | "FailedBinding" => claim(message),
        "FailedMount" | "FailedAttachVolume" | "CreateContainerConfigError" => missing(message)
            .unwrap_or(match trouble.reason.as_str() {
                "CreateContainerConfigError" => Problem::Container,
                _ => Problem::Mount,
            }),
        "FailedCreatePodSandBox" => sandbox(message),
        "CreateContainerError" | "RunContainerError" => container(message),
        "Unhealthy" => Problem::Silent,
        "Failed" | "Succeeded" | "Evicted" => Problem::Ended,
        _ => Problem::Other,
    }
}

fn is_out_of_memory(trouble: &Trouble) -> bool {
    // So little that not even the process that becomes the container fits.
    trouble.reason == OUT_OF_MEMORY || trouble.message.contains("OOM-killed")
}

fn is_no_program(message: &str) -> bool {
    has_any(message, &["executable file not found", "exec format error"])
        || message.contains("exec: ") && message.contains("no such file or directory")
}

fn container(message: &str) -> Problem {
    let passing = ["deadline exceeded", "failed to reserve container name"];
    if has_any(message, &passing) {
        return Problem::ContainerLater;
    }
    if is_no_program(message) {
        return Problem::NotADaemon;
    }
    Problem::Container
}

/// Why the API server made no pod, or no claim of a pod.
fn creation(message: &str) -> Problem {
    quota(message)
        .or_else(|| absent(message))
        .or_else(|| admission(message))
        .unwrap_or_else(|| {
            let is_refused = has_any(message, &[" is forbidden: ", " is invalid: "]);
            if is_refused {
                Problem::Refused
            } else {
                Problem::NotMade
            }
        })
}

fn quota(message: &str) -> Option<Problem> {
    if let Some(name) = between(message, "exceeded quota: ", ",") {
        let asked = between(message, "requested: ", ", used: ").unwrap_or_default();
        let limit = message.split_once("limited: ").map_or("", |(_, rest)| rest);
        let name = name.to_owned();
        return Some(if is_more(asked, limit) {
            Problem::QuotaSmall(name)
        } else {
            Problem::QuotaUsed(name)
        });
    }
    let (_, rest) = message.split_once("failed quota: ")?;
    let (name, demands) = rest.split_once(": must specify ")?;
    let resources = demands
        .split(';')
        .map(|demand| demand.split(" for:").next().unwrap_or_default())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned());
    Some(Problem::QuotaDemands(name.to_owned(), resources.collect()))
}

/// Whether one of the amounts `asked` is more than its limit, so that it never fits.
fn is_more(asked: &str, limits: &str) -> bool {
    let amount = |text: &str| text.trim().parse::<Quantity>().map(|q| q.amount()).ok();
    let limit = |wanted: &str| {
        let mut limits = limits.split(',').filter_map(|pair| pair.split_once('='));
        let (_, limit) = limits.find(|(name, _)| name.trim() == wanted)?;
        amount(limit)
    };
    asked
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, asked)| {
            matches!((amount(asked), limit(name.trim())), (Some(asked), Some(limit)) if asked > limit)
        })
}

fn absent(message: &str) -> Option<Problem> {
    let of = |before, after| between(message, before, after).map(str::to_owned);
    if message.contains("looking up service account") {
        return of("serviceaccount \"", "\"").map(Problem::ServiceAccount);
    }
    of("no PriorityClass with name ", " was found")
        .map(Problem::PriorityClass)
        .or_else(|| {
            let is_rejected = message.contains("RuntimeClass") && message.contains("not found");
            of("RuntimeClass \"", "\"")
                .filter(|_| is_rejected)
                .map(Problem::RuntimeClass)
        })
}

fn admission(message: &str) -> Option<Problem> {
    let of = |before, after| between(message, before, after).map(str::to_owned);
    if let Some(level) = of("violates PodSecurity \"", "\"") {
        let level = level.split(':').next().unwrap_or_default().to_owned();
        return Some(Problem::PodSecurity(level));
    }
    let range = [
        " usage per ",
        " limit to request ratio per ",
        "must be less than or equal to ",
    ];
    if has_any(message, &range) {
        return Some(Problem::LimitRange);
    }
    if message.contains("is being terminated") {
        return Some(Problem::NamespaceEnds);
    }
    of("failed calling webhook \"", "\"")
        .map(Problem::WebhookDown)
        .or_else(|| of("admission webhook \"", "\" denied").map(Problem::Denied))
        .or_else(|| of("ValidatingAdmissionPolicy '", "'").map(Problem::Denied))
}

fn claim(message: &str) -> Problem {
    if message.contains("no storage class is set") {
        return Problem::NoStorageClass;
    }
    let class = between(message, "storageclass.storage.k8s.io \"", "\" not found");
    class.map_or(Problem::Volume, |name| {
        Problem::StorageClass(name.to_owned())
    })
}

/// The Secret or `ConfigMap` that is not there.
fn missing(message: &str) -> Option<Problem> {
    [("secret", "secret \""), ("configmap", "configmap \"")]
        .into_iter()
        .find_map(|(kind, before)| {
            let name = between(message, before, "\" not found")?;
            Some(Problem::Missing(kind, name.to_owned()))
        })
}

fn sandbox(message: &str) -> Problem {
    if message.contains("does not support user namespaces") {
        return Problem::UserNamespaces;
    }
    let handler = between(message, "no runtime for \"", "\" is configured")
        .or_else(|| between(message, "RuntimeHandler \"", "\" not supported"));
    handler.map_or(Problem::Sandbox, |name| {
        Problem::RuntimeHandler(name.to_owned())
    })
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
