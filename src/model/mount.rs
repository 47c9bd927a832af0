//! What a `RUN --mount` asks for, its values expanded.
//!
//! Follows BuildKit's `instructions/commands_runmount.go`: options are read in order, and some look at the type given so
//! far.

use super::values;
use crate::dockerfile::ast::{Mount, MountOption};
use crate::dockerfile::parse_bool;

/// The kinds of mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MountType {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A folder that outlives the build.
    Cache,
    /// Memory.
    Tmpfs,
    /// A secret, as a file or a variable.
    Secret,
    /// The client's SSH agent.
    Ssh,
}

impl MountType {
    /// All of them.
    pub const VALUES: &[Self] = &[Self::Bind, Self::Cache, Self::Tmpfs, Self::Secret, Self::Ssh];

    /// The name as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        }
    }
}

/// What happens when two steps want one cache at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sharing {
    /// Both use it.
    #[default]
    Shared,
    /// Each gets its own.
    Private,
    /// One waits for the other.
    Locked,
}

/// A mount with its values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MountSpec {
    /// What kind.
    pub kind: MountType,
    /// The stage or image; empty for the build context.
    pub from: String,
    /// The path in there.
    pub source: String,
    /// Where it appears.
    pub target: String,
    /// Whether the step may not write.
    pub read_only: bool,
    /// The most a tmpfs may hold, in bytes; 0 for no limit.
    pub size: u64,
    /// The name of a cache, secret or agent.
    pub id: String,
    /// How a cache is shared.
    pub sharing: Sharing,
    /// Whether the build fails without it.
    pub required: bool,
    /// The variable that holds a secret.
    pub env: Option<String>,
    /// Permissions.
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
}

/// Reads the options of `mount`, each value passed through `expand`.
pub fn interpret<E: From<String>>(
    mount: &Mount<'_>,
    mut expand: impl FnMut(&str) -> Result<String, E>,
) -> Result<MountSpec, E> {
    let mut reader = Reader::default();
    for option in mount.options {
        match option.value {
            None => reader.switch(option)?,
            Some(value) => {
                let value = expand(value)?;
                reader.option(option, value)?;
            }
        }
    }
    Ok(reader.finish()?)
}

#[derive(Debug, Default)]
struct Reader {
    spec: MountSpec,
    /// `ro` or `rw` was given.
    access_given: bool,
    sharing_given: bool,
}

impl Reader {
    fn switch(&mut self, option: &MountOption<'_>) -> Result<(), String> {
        match option.key {
            "readonly" | "ro" => self.access(true),
            "readwrite" | "rw" => self.access(false),
            "required" => self.require(true)?,
            _ => return Err(format!("`{}` must be of the form key=value", option.raw)),
        }
        Ok(())
    }

    fn access(&mut self, read_only: bool) {
        self.spec.read_only = read_only;
        self.access_given = true;
    }

    fn require(&mut self, required: bool) -> Result<(), String> {
        match self.spec.kind {
            MountType::Secret | MountType::Ssh => {
                self.spec.required = required;
                Ok(())
            }
            other => Err(format!(
                "`required` does not go with the type {}, which must stand before it",
                other.as_str()
            )),
        }
    }

    fn option(&mut self, option: &MountOption<'_>, value: String) -> Result<(), String> {
        let key = option.key;
        let wrong = || format!("`{value}` is no value for {key}");
        let truth = || parse_bool(&value).ok_or_else(wrong);
        let number = |radix| {
            u32::from_str_radix(&value, radix).ok().filter(|_| !value.starts_with('+')).ok_or_else(wrong)
        };
        match key {
            "type" => {
                let lower = value.to_lowercase();
                let kind = MountType::VALUES.iter().find(|kind| kind.as_str() == lower);
                let names: Vec<&str> = MountType::VALUES.iter().map(|kind| kind.as_str()).collect();
                self.spec.kind =
                    *kind.ok_or_else(|| format!("the type {value:?} is none of {}", names.join(", ")))?;
            }
            "from" => self.spec.from = value,
            "source" | "src" => self.spec.source = value,
            "target" | "dst" | "destination" => self.spec.target = value,
            "readonly" | "ro" => {
                let read_only = truth()?;
                self.access(read_only);
            }
            "readwrite" | "rw" => {
                let writable = truth()?;
                self.access(!writable);
            }
            "required" => {
                if !matches!(self.spec.kind, MountType::Secret | MountType::Ssh) {
                    return self.require(true);
                }
                self.spec.required = truth()?;
            }
            "size" if self.spec.kind == MountType::Tmpfs => {
                self.spec.size = values::size(&value).ok_or_else(wrong)?;
            }
            "size" => {
                return Err("`size` goes with the type tmpfs only, which must stand before it".to_owned());
            }
            "id" => self.spec.id = value,
            "sharing" => {
                self.sharing_given = true;
                self.spec.sharing = match value.to_lowercase().as_str() {
                    "shared" => Sharing::Shared,
                    "private" => Sharing::Private,
                    "locked" => Sharing::Locked,
                    _ => return Err(format!("sharing {value:?} is none of shared, private, locked")),
                };
            }
            "mode" => self.spec.mode = Some(number(8)?),
            "uid" => self.spec.uid = Some(number(10)?),
            "gid" => self.spec.gid = Some(number(10)?),
            "env" => self.spec.env = Some(value),
            _ => return Err(unknown(option)),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<MountSpec, String> {
        let spec = &self.spec;
        let kind = spec.kind;
        if matches!(kind, MountType::Bind | MountType::Tmpfs)
            && (spec.mode.or(spec.uid).or(spec.gid)).is_some()
        {
            return Err(format!("mode, uid and gid do not go with the type {}", kind.as_str()));
        }
        if kind == MountType::Secret {
            if !spec.from.is_empty() {
                return Err("a secret has no `from`".to_owned());
            }
            if spec.source.is_empty() && spec.target.is_empty() && spec.id.is_empty() {
                return Err("a secret needs an id, a source or a target".to_owned());
            }
            if !spec.source.is_empty() && !spec.id.is_empty() {
                return Err("a secret takes an id or a source, not both".to_owned());
            }
        }
        if self.sharing_given && kind != MountType::Cache {
            return Err(format!("`sharing` does not go with the type {}", kind.as_str()));
        }
        if !self.access_given {
            self.spec.read_only = !matches!(kind, MountType::Cache | MountType::Tmpfs);
        }
        Ok(self.spec)
    }
}

fn unknown(option: &MountOption<'_>) -> String {
    const KEYS: [&str; 19] = [
        "type",
        "from",
        "source",
        "target",
        "readonly",
        "id",
        "sharing",
        "required",
        "size",
        "mode",
        "uid",
        "gid",
        "src",
        "dst",
        "destination",
        "ro",
        "rw",
        "readwrite",
        "env",
    ];
    match crate::diagnostic::nearest(option.key, KEYS) {
        Some(near) => format!("`{}` is no option of a mount; did you mean `{near}`?", option.key),
        None => format!("`{}` is no option of a mount", option.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::ast::Kind;
    use crate::dockerfile::{Arena, parse_text};

    fn read(options: &str) -> Result<MountSpec, String> {
        let arena = Arena::new();
        let text = format!("FROM a\nRUN --mount={options} x");
        let file = parse_text(&text, &arena);
        let Kind::Run(run) = &file.instructions[1].kind else { panic!("{options}") };
        interpret(&run.mounts[0], |value| Ok::<_, String>(value.replace("$T", "tmpfs")))
    }

    #[test]
    fn options_in_order() {
        assert_eq!(read("type=cache,target=/c").unwrap().kind, MountType::Cache);
        assert_eq!(read("type=$T,size=1k").unwrap().size, 1024);
        assert!(read("target=/x").unwrap().read_only);
        assert!(!read("target=/x,rw").unwrap().read_only);
        assert!(read("type=secret,id=a,required").unwrap().required);
        assert_eq!(read("TYPE=Cache,SHARING=Locked,dst=/c").unwrap().sharing, Sharing::Locked);
        assert_eq!(read("type=cache,target=/c,mode=0755,uid=1").unwrap().mode, Some(0o755));
    }

    #[test]
    fn refused_options() {
        for options in [
            "type=nope",
            "required,type=secret,id=a",
            "size=1k,type=tmpfs",
            "typo=1",
            "target",
            "type=secret",
            "type=secret,from=a,id=b",
            "type=secret,id=a,src=b",
            "sharing=locked",
            "uid=1",
            "type=cache,mode=9",
            "ro=maybe",
        ] {
            assert!(read(options).is_err(), "{options}");
        }
    }
}
