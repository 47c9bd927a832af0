//! Which flags each instruction has.

use super::ast::Keyword;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `true` or `false`.
    Bool,
    /// One value.
    Value,
    /// A value each time it is given.
    Values,
}

/// Flags that an instruction has.
pub(super) type Spec = &'static [(&'static str, Takes)];

/// The flags of an instruction; `None` where BuildKit never looks at them.
pub(super) const fn of(keyword: Keyword) -> Option<Spec> {
    Some(match keyword {
        Keyword::From => &[("platform", Takes::Value)],
        Keyword::Run => &[
            ("mount", Takes::Values),
            ("network", Takes::Value),
            ("security", Takes::Value),
            ("device", Takes::Values),
        ],
        Keyword::Copy => &[
            ("from", Takes::Value),
            ("chown", Takes::Value),
            ("chmod", Takes::Value),
            ("link", Takes::Bool),
            ("parents", Takes::Bool),
            ("exclude", Takes::Values),
        ],
        Keyword::Add => &[
            ("chown", Takes::Value),
            ("chmod", Takes::Value),
            ("link", Takes::Bool),
            ("keep-git-dir", Takes::Bool),
            ("checksum", Takes::Value),
            ("unpack", Takes::Bool),
            ("exclude", Takes::Values),
        ],
        Keyword::Healthcheck => &[
            ("interval", Takes::Value),
            ("timeout", Takes::Value),
            ("start-period", Takes::Value),
            ("start-interval", Takes::Value),
            ("retries", Takes::Value),
        ],
        Keyword::Arg | Keyword::StopSignal => return None,
        _ => &[],
    })
}
