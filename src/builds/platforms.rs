//! Lists of platforms as people write them.

use super::text::is_known;
use crate::model::platform::Platform;

/// A list with commas, of which whole items may be unknown.
pub(super) fn comma_list(text: &str) -> Vec<String> {
    text.split([',', '\n', ' ']).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Platforms as BuildKit names them, from a list as people write it. `None` if any is unknown.
pub(super) fn platforms(list: &str) -> Option<Vec<String>> {
    let mut platforms = Vec::new();
    for item in comma_list(list) {
        if !is_known(&item) {
            return None;
        }
        let item = item.trim_matches(['"', '\'', '[', ']']).to_ascii_lowercase();
        if item == "local" || item.is_empty() {
            continue;
        }
        let platform = normal_platform(&item);
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    Some(platforms)
}

/// A platform as BuildKit writes it, an architecture alone as one of Linux; as it is where it is none.
fn normal_platform(item: &str) -> String {
    let is_architecture = |word: &str| matches!(word, "amd64" | "arm" | "arm64" | "386" | "riscv64");
    let os =
        if item.split_once('/').is_some_and(|(first, _)| is_architecture(first)) { "linux/" } else { "" };
    let known = Platform::parse(&format!("{os}{item}"), &Platform::linux("amd64"));
    known.map_or_else(|_| item.to_owned(), |platform| platform.normalized().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_one_spelling() {
        assert_eq!(
            platforms("arm64/v8, linux/arm,amd64,local").expect("known"),
            ["linux/arm64", "linux/arm/v7", "linux/amd64"]
        );
    }
}
