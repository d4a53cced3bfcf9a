//! The proxy before the API server, by the rules of Go's `http.ProxyFromEnvironment`.

use std::net::IpAddr;

use http::Uri;

use crate::env::Env;

/// The proxy that the environment names for `target`, if any.
pub(super) fn from_env(env: &Env, target: &Uri) -> Option<String> {
    let host = target.host()?.trim_matches(['[', ']']);
    if is_loopback(host) || is_excepted(env, host) {
        return None;
    }
    let names = match target.scheme_str() {
        Some("http") => ["HTTP_PROXY", "http_proxy"],
        _ => ["HTTPS_PROXY", "https_proxy"],
    };
    let proxy = names.into_iter().find_map(|name| env.var(name))?;
    // Go takes a proxy without a scheme for an HTTP one.
    Some(if proxy.contains("://") {
        proxy.to_owned()
    } else {
        format!("http://{proxy}")
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_excepted(env: &Env, host: &str) -> bool {
    let list = env.var("NO_PROXY").or_else(|| env.var("no_proxy"));
    list.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| covers(entry, host))
}

/// Whether an entry of `NO_PROXY` covers `host`: `*`, an address, a range, a domain with its
/// subdomains, or with a leading dot only those.
fn covers(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return match entry.split_once('/') {
            Some((network, bits)) => in_range(address, network, bits),
            None => entry.parse::<IpAddr>() == Ok(address),
        };
    }
    let entry = entry.trim_start_matches('*').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    match entry.strip_prefix('.') {
        Some(domain) => host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.')),
        None => {
            host == entry
                || host
                    .strip_suffix(&entry)
                    .is_some_and(|rest| rest.ends_with('.'))
        }
    }
}

fn in_range(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let shift = 32_u32.saturating_sub(bits);
            (u64::from(address.to_bits()) >> shift) == (u64::from(network.to_bits()) >> shift)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let shift = 128_u32.saturating_sub(bits);
            let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
            cut(address.to_bits()) == cut(network.to_bits())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_follow_the_rules_of_go() {
        let proxy = ("HTTPS_PROXY", "http://proxy:3128");
        let table = [
            ("https://api.example.com", "", true),
            ("https://127.0.0.1:6443", "", false),
            ("https://localhost:6443", "", false),
            ("https://[::1]:6443", "", false),
            ("https://api.example.com", "*", false),
            ("https://api.example.com", "other, example.com", false),
            ("https://api.example.com", ".example.com", false),
            ("https://example.com", ".example.com", true),
            ("https://badexample.com", "example.com", true),
            ("https://10.1.2.3", "10.0.0.0/8", false),
            ("https://10.1.2.3", "10.2.0.0/16", true),
            ("https://10.1.2.3", "10.1.2.3", false),
            ("https://[fd00::1]", "fd00::/8", false),
            ("http://api.example.com", "", false),
        ];
        for (target, exceptions, proxied) in table {
            let env = Env::from_variables([proxy, ("NO_PROXY", exceptions)]);
            let found = from_env(&env, &target.parse().unwrap());
            assert_eq!(found.is_some(), proxied, "{target} {exceptions}");
        }
    }
}
