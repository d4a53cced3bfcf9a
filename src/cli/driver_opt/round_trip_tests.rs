//! What holds for every text and all options.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{
    Effect, Listen, LoadBalance, Operator, Quantity, Resource, Toleration, TolerationFields,
};

/// How a value is dressed up. What is in it may be quoted too, with the other kind of quotes.
#[derive(Debug, Clone, Copy)]
enum Style {
    Bare,
    Double,
    Single,
    Backslashed,
    /// The option with its name, as CSV wants it.
    Whole,
}

fn dressed(name: &str, value: &str, style: Style) -> String {
    match style {
        Style::Bare => format!("{name}={value}"),
        Style::Double => format!("{name}=\"{value}\""),
        Style::Single => format!("{name}='{value}'"),
        Style::Backslashed => format!("{name}=\\\"{value}\\\""),
        Style::Whole => format!("\"{name}={value}\""),
    }
}

fn tolerated(toleration: &Toleration, style: Style) -> String {
    let fields = [
        ("key", toleration.key.clone()),
        ("operator", Some(toleration.operator.as_str().to_owned())),
        ("value", toleration.value.clone()),
        (
            "effect",
            toleration.effect.map(|effect| effect.as_str().to_owned()),
        ),
        (
            "tolerationSeconds",
            toleration.seconds.map(|seconds| seconds.to_string()),
        ),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    if matches!(style, Style::Single) {
        let map: serde_json::Map<_, _> = fields
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        return format!("tolerations={}", json!([map]));
    }
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    dressed("tolerations", &fields.join(","), style)
}

fn pair(name: &str, key: &str, value: &str, style: Style) -> String {
    let is_simple = |c: char| c.is_ascii_alphanumeric() || "-_./ =,;:".contains(c);
    if !value.chars().all(is_simple) {
        return format!("{name}={}", json!({key: value}));
    }
    dressed(
        name,
        &format!("{key}='{value}'"),
        match style {
            Style::Single => Style::Double,
            style => style,
        },
    )
}

fn rendered(setting: &Setting, style: Style) -> String {
    let plain = |name: &str, value: &str| dressed(name, value, style);
    match setting {
        Setting::Image(text) => plain("image", text),
        Setting::Namespace(text) => plain("namespace", text),
        Setting::Replicas(count) => plain("replicas", &count.to_string()),
        Setting::Request(what, amount) => {
            plain(&format!("requests.{}", what.as_str()), amount.as_str())
        }
        Setting::Limit(what, amount) => {
            plain(&format!("limits.{}", what.as_str()), amount.as_str())
        }
        Setting::NodeSelector(key, value) => plain("nodeselector", &format!("{key}={value}")),
        Setting::Label(key, value) => plain("labels", &format!("{key}={value}")),
        Setting::Toleration(one) => tolerated(one, style),
        Setting::Annotation(key, value) => pair("annotations", key, value, style),
        Setting::Env(key, value) if value.chars().all(|c| c.is_ascii_alphanumeric()) => {
            plain(&format!("env.{key}"), value)
        }
        Setting::Env(key, value) => format!("env={}", json!({key: value})),
        Setting::Rootless(is) => plain("rootless", &is.to_string()),
        Setting::UserNamespace(is) => plain("usernamespace", &is.to_string()),
        Setting::Spread(text) => plain("spread", text),
        Setting::Listen(place) => plain("listen", place.as_str()),
        Setting::ServiceAccount(text) => plain("serviceaccount", text),
        Setting::SchedulerName(text) => plain("schedulername", text),
        Setting::ImagePullSecret(text) => plain("imagepullsecrets", text),
        Setting::PriorityClass(text) => plain("priorityclass", text),
        Setting::RuntimeClass(text) => plain("runtimeclass", text),
        Setting::Qemu(is) => plain("qemu.install", &is.to_string()),
        Setting::QemuImage(text) => plain("qemu.image", text),
        Setting::MemoryCache(amount) => plain("buildkit-root-volume-memory", amount.as_str()),
        Setting::VolumeClaim(amount) => {
            plain("persistent-volume-claim.requests.storage", amount.as_str())
        }
        Setting::StorageClass(text) => plain("persistent-volume-claim.storageclass", text),
        Setting::LoadBalance(how) => plain("loadbalance", how.as_str()),
        Setting::DefaultLoad(is) => plain("default-load", &is.to_string()),
        Setting::Timeout(time) => plain("timeout", &format!("{}s", time.as_secs())),
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]([a-z0-9-]{0,8}[a-z0-9])?",
        Just("image".into()),
        Just("timeout".into())
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[a-z0-9])?",
        "[a-z]{1,6}\\.(io|com)/[a-z0-9]([A-Za-z._-]{0,6}[a-z0-9])?",
        name(),
    ]
}

fn label_value() -> impl Strategy<Value = String> {
    "([A-Za-z0-9]([A-Za-z0-9._-]{0,8}[a-z0-9])?)?"
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9=,;:/. -]{0,12}",
        ".{0,12}",
        "[\"'\\\\,=\\[\\]{} a\n]{0,12}"
    ]
}

fn quantity() -> impl Strategy<Value = Quantity> {
    "[1-9][0-9]{0,3}(m|k|Mi|Gi|)".prop_map(|text| text.parse().unwrap())
}

fn toleration() -> impl Strategy<Value = Toleration> {
    let operator = prop_oneof![Just(Operator::Exists), Just(Operator::Equal)];
    let effect = prop_oneof![
        Just(None),
        Just(Some(Effect::NoSchedule)),
        Just(Some(Effect::PreferNoSchedule)),
        Just(Some(Effect::NoExecute)),
    ];
    let parts = (
        prop::option::of(key()),
        operator,
        label_value(),
        effect,
        prop::option::of(0..99_i64),
    );
    parts.prop_map(|(key, operator, value, effect, seconds)| {
        let operator = if key.is_none() {
            Operator::Exists
        } else {
            operator
        };
        TolerationFields {
            key,
            operator: Some(operator.as_str().to_owned()),
            value: (operator == Operator::Equal).then_some(value),
            effect: effect.map(|effect| effect.as_str().to_owned()),
            seconds: seconds
                .filter(|_| effect == Some(Effect::NoExecute))
                .map(|seconds| seconds.to_string()),
        }
        .build()
        .unwrap()
    })
}

fn setting() -> impl Strategy<Value = Setting> {
    let resource = || prop::sample::select(Resource::ALL.to_vec());
    let named = prop_oneof![
        "[a-z]{1,5}(:[0-9]{1,4})?/[a-z]{1,5}(:[a-z0-9.]{1,5})?".prop_map(Setting::Image),
        name().prop_map(Setting::Namespace),
        name().prop_map(Setting::ServiceAccount),
        name().prop_map(Setting::SchedulerName),
        name().prop_map(Setting::ImagePullSecret),
        name().prop_map(Setting::PriorityClass),
        name().prop_map(Setting::RuntimeClass),
        name().prop_map(Setting::QemuImage),
        name().prop_map(Setting::StorageClass),
    ];
    prop_oneof![
        named,
        (0..100_i32).prop_map(Setting::Replicas),
        (resource(), quantity()).prop_map(|(what, amount)| Setting::Request(what, amount)),
        (resource(), quantity()).prop_map(|(what, amount)| Setting::Limit(what, amount)),
        (key(), label_value()).prop_map(|(key, value)| Setting::NodeSelector(key, value)),
        (key(), label_value()).prop_map(|(key, value)| Setting::Label(key, value)),
        (key(), text()).prop_map(|(key, value)| Setting::Annotation(key, value)),
        ("[A-Za-z_][A-Za-z0-9_]{0,6}", text()).prop_map(|(key, value)| Setting::Env(key, value)),
        toleration().prop_map(Setting::Toleration),
        any::<bool>().prop_map(Setting::Rootless),
        any::<bool>().prop_map(Setting::Qemu),
        any::<bool>().prop_map(Setting::DefaultLoad),
        any::<bool>().prop_map(Setting::UserNamespace),
        "[a-z]{1,6}\\.(io|com)/[a-z0-9]{1,6}".prop_map(Setting::Spread),
        prop::sample::select(Listen::ALL.to_vec()).prop_map(Setting::Listen),
        quantity().prop_map(Setting::MemoryCache),
        quantity().prop_map(Setting::VolumeClaim),
        prop::sample::select(LoadBalance::ALL.to_vec()).prop_map(Setting::LoadBalance),
        (0..9999_u64).prop_map(|seconds| Setting::Timeout(Duration::from_secs(seconds))),
    ]
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Bare),
        Just(Style::Double),
        Just(Style::Single),
        Just(Style::Backslashed),
        Just(Style::Whole),
    ]
}

/// Texts that look like options.
fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        "[a-z=,;:'\"\\\\\\[\\]{} \n.]{0,4}",
        ".{0,3}",
        prop::sample::select(vec![
            "nodeselector=",
            "tolerations=",
            "annotations=",
            "labels=",
            "env.A=",
            "env={",
            "key=",
            "operator=",
            "effect=",
            "rootless",
            "replicas=",
            "[{\"key\":\"a\"}]",
            "\"\"",
            "\\\"",
            "resources=",
            ":NoSchedule",
            "\u{2019}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(scrap, 0..12).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_again(
        settings in prop::collection::vec((setting(), style()), 0..6),
        separator in prop::sample::select(vec![",", ";", "\n", " , "]),
    ) {
        let texts: Vec<String> = settings
            .iter()
            .map(|(setting, style)| rendered(setting, *style))
            .collect();
        let expected: Vec<Setting> = settings.into_iter().map(|(setting, _)| setting).collect();
        let text = texts.join(separator);
        let options = read(&text);
        prop_assert_eq!(options.map(|options| options.settings), Ok(expected), "{}", text);
    }

    #[test]
    fn nothing_panics_and_the_answer_is_always_the_same(
        text in prop_oneof![scraps(), ".{0,80}"],
    ) {
        let first = read(&text);
        if let Err(fault) = &first {
            let _ = (fault.to_string(), fault.excerpt(), fault.corrected());
        }
        prop_assert_eq!(first, read(&text));
    }
}

#[test]
fn long_texts_are_read() {
    for blank in [" ", "\t \\\n", "\n", ","] {
        let text = format!("nodeselector=a=b{0}c=d{0}", blank.repeat(50_000));
        assert_eq!(read(&text).unwrap().settings.len(), 2, "{blank:?}");
    }
    let list = vec!["tolerations=a=b"; 5_000].join(",");
    assert_eq!(read(&list).unwrap().settings.len(), 5_000);
}

#[test]
fn depth_is_bounded() {
    for scrap in ["[", "{", "\"'", "a=[", "'\"a=", "{\"a\":"] {
        assert!(
            read(&format!("nodeselector={}", scrap.repeat(20_000))).is_err(),
            "{scrap}"
        );
    }
}
