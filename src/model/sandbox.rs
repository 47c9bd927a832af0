//! What a build gives to all its commands besides what the file says: it is part of each command's identity.
//!
//! Follows buildx's `build/opt.go` and BuildKit's `dockerfile2llb/convert.go` (`proxyEnvFromBuildArgs`, `dispatchRun`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::dockerfile::ast::Network;

/// The settings of a build that reach every command. What only steers the daemon (memory, processors) is no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sandbox {
    /// The network of commands that ask for none.
    pub network: Network,
    /// The size of `/dev/shm` in bytes; 0 for the usual one.
    pub shm_bytes: u64,
    /// Limits of processes: soft and hard, by name.
    pub ulimits: BTreeMap<String, (i64, i64)>,
    /// Further hosts: name and address, in order.
    pub hosts: Vec<(String, String)>,
}

/// The build arguments, in any letter case, that are proxies for all commands.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

impl Sandbox {
    /// One string for all of it but the network, and for the proxies among the build arguments: equal exactly where they
    /// are, and empty where nothing is set.
    pub(crate) fn identity(&self, build_args: &BTreeMap<String, String>) -> String {
        let mut text = String::new();
        for proxy in PROXIES {
            // Of several that differ in case the last in order counts.
            let mut given = build_args.iter().filter(|(name, _)| name.eq_ignore_ascii_case(proxy));
            if let Some((_, value)) = given.next_back() {
                let _ = write!(text, "{proxy}={value:?} ");
            }
        }
        if self.shm_bytes > 0 {
            let _ = write!(text, "shm={} ", self.shm_bytes);
        }
        for (name, (soft, hard)) in &self.ulimits {
            let _ = write!(text, "ulimit={name:?}:{soft}:{hard} ");
        }
        for (name, address) in &self.hosts {
            let _ = write!(text, "host={name:?}:{address:?} ");
        }
        text
    }
}

/// The network that a build asks for: `default`, `none` or `host`; `None` for what buildx refuses.
pub fn network(text: &str) -> Option<Network> {
    match text {
        "" | "default" => Some(Network::Default),
        "none" => Some(Network::None),
        "host" => Some(Network::Host),
        _ => None,
    }
}

/// A limit of processes, `name=soft[:hard]`; without a hard limit the soft one is both.
pub fn ulimit(text: &str) -> Option<(String, (i64, i64))> {
    let (name, limits) = text.split_once('=')?;
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    Some((name.to_owned(), (soft.parse().ok()?, hard.parse().ok()?)))
}

/// A number of bytes as docker writes it: `64m`, `1.5GiB`, `1024`.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim().to_ascii_lowercase();
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let bytes = number * 1024_f64.powi(power);
    #[expect(clippy::cast_sign_loss, reason = "a number without a sign")]
    (bytes.is_finite() && bytes < 1e18).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_buildx_reads() {
        for (text, expected) in [
            ("64m", Some(64 << 20)),
            ("1.5GiB", Some(3 << 29)),
            ("1024", Some(1024)),
            ("x", None),
            ("1e", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        assert_eq!(ulimit("nofile=1024"), Some(("nofile".into(), (1024, 1024))));
        assert_eq!(ulimit("nofile=1024:-1"), Some(("nofile".into(), (1024, -1))));
        assert_eq!(ulimit("nofile"), None);
        assert_eq!(network("bridge"), None);
    }

    #[test]
    fn only_what_reaches_commands_tells_builds_apart() {
        let args = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let plain = Sandbox::default();
        assert_eq!(plain.identity(&args(&[("VERSION", "1")])), "");
        assert_eq!(
            plain.identity(&args(&[("HTTP_PROXY", "p")])),
            plain.identity(&args(&[("http_proxy", "p")]))
        );
        assert_ne!(plain.identity(&args(&[("NO_PROXY", "p")])), "");
        let large = Sandbox { shm_bytes: 1, ..Sandbox::default() };
        assert_ne!(large.identity(&args(&[])), "");
    }
}
