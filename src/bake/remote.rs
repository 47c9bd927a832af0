//! Which contexts and definitions lie elsewhere.

/// Whether a context is a URL or a Git repository.
pub fn is_remote(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://") || is_git(text)
}

/// Whether a text refers to a Git repository.
fn is_git(text: &str) -> bool {
    if text.starts_with("./") || text.starts_with("../") {
        return false;
    }
    if text.starts_with("github.com/") || text.starts_with("git://") || text.starts_with("ssh://") {
        return true;
    }
    is_scp(text)
}

/// `user@host:path`.
pub(super) fn is_scp(text: &str) -> bool {
    let Some((user, rest)) = text.split_once('@') else { return false };
    let Some((host, _)) = rest.split_once(':') else { return false };
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    word(user) && word(host) && !text.contains("://")
}

/// Whether a Git repository is reached by SSH, for which an agent is needed.
pub(super) fn is_ssh(text: &str) -> bool {
    text.starts_with("ssh://") || is_scp(text)
}
