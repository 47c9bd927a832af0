//! The page's Content-Security-Policy: nothing but its own style and script runs, and nothing is fetched.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The policy of a page with this style sheet and this script.
pub(in crate::report) fn policy(style: &str, script: &str) -> String {
    let (style, script) = (digest(style), digest(script));
    format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
    )
}

/// The policy of a page with these style sheets and no script.
pub(in crate::report) fn style_policy(styles: &[&str]) -> String {
    let styles: Vec<String> = styles.iter().map(|style| format!("'{}'", digest(style))).collect();
    let styles = styles.join(" ");
    format!("default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'")
}

/// The digest by which a policy names an element's text.
fn digest(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // The example of "Content Security Policy Level 3", 2.3.1, and of `openssl dgst -sha256 -binary | base64`.
        assert_eq!(digest("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
