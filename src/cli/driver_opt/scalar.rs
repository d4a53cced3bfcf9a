//! Options that have one value.

use crate::model::{self, Invalid, OptionName, Setting};

use super::super::value;

/// The setting of an option with one value; none if the value stands for the default.
pub(super) fn setting(name: OptionName, text: &str) -> Result<Option<Setting>, Invalid> {
    if text.is_empty() {
        return match name {
            OptionName::Image | OptionName::QemuImage | OptionName::Namespace => Ok(None),
            _ => Err(Invalid::new("a value is missing", name.example())),
        };
    }
    let object = |make: fn(String) -> Setting| model::object_name(text).map(make);
    let setting = match name {
        OptionName::Image => Setting::Image(model::image(text)?),
        OptionName::QemuImage => Setting::QemuImage(model::image(text)?),
        OptionName::Namespace => Setting::Namespace(model::namespace(text)?),
        OptionName::Replicas => Setting::Replicas(count(text)?),
        OptionName::Request(resource) => Setting::Request(resource, text.parse()?),
        OptionName::Limit(resource) => Setting::Limit(resource, text.parse()?),
        OptionName::MemoryCache => Setting::MemoryCache(text.parse()?),
        OptionName::VolumeClaim => Setting::VolumeClaim(text.parse()?),
        OptionName::StorageClass => object(Setting::StorageClass)?,
        OptionName::Rootless => Setting::Rootless(switch(text)?),
        OptionName::UserNamespace => Setting::UserNamespace(switch(text)?),
        OptionName::Spread => Setting::Spread(model::topology(text)?),
        OptionName::Listen => Setting::Listen(text.parse()?),
        OptionName::Qemu => Setting::Qemu(switch(text)?),
        OptionName::ServiceAccount => object(Setting::ServiceAccount)?,
        OptionName::SchedulerName => object(Setting::SchedulerName)?,
        OptionName::PriorityClass => object(Setting::PriorityClass)?,
        OptionName::RuntimeClass => object(Setting::RuntimeClass)?,
        OptionName::ImagePullSecrets => object(Setting::ImagePullSecret)?,
        OptionName::LoadBalance => Setting::LoadBalance(text.parse()?),
        OptionName::DefaultLoad => Setting::DefaultLoad(switch(text)?),
        OptionName::Timeout => Setting::Timeout(time(text)?),
        OptionName::NodeSelector
        | OptionName::Tolerations
        | OptionName::Labels
        | OptionName::Annotations
        | OptionName::Env => return Err(Invalid::new("this option has no single value", "")),
    };
    Ok(Some(setting))
}

fn count(text: &str) -> Result<i32, Invalid> {
    let invalid = |_| Invalid::new(format!("{text:?} is no number of pods"), "2");
    value::count(text).map_err(invalid)
}

fn time(text: &str) -> Result<std::time::Duration, Invalid> {
    let invalid = |_| Invalid::new(format!("{text:?} is no duration"), "5m");
    value::duration(text).map_err(invalid)
}

fn switch(text: &str) -> Result<bool, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "yes" | "y" | "on" => Ok(true),
        "0" | "f" | "false" | "no" | "n" | "off" => Ok(false),
        _ => Err(Invalid::new(
            format!("{text:?} is neither true nor false"),
            "true",
        )),
    }
}
