//! Which flags each instruction has.

use super::super::ast::Keyword;
use super::super::flags::{Spec, Takes};

/// The flags of an instruction; `None` where BuildKit never looks at them.
pub(in crate::dockerfile) const fn of(keyword: Keyword) -> Option<Spec> {
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
