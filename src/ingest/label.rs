//! What the name of a vertex tells: `[linux/amd64->arm64 build 4/6] RUN go build`.
//!
//! BuildKit makes these names in `dockerfile2llb/convert.go` (`prefixCommand`) and buildx prefixes them with the target
//! under bake. A shared vertex bears the name that was loaded first, so the platform and arrow of a name prove nothing
//! about the vertex; the digest does.

/// The parts of a vertex's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Label<'a> {
    /// `linux/amd64`; absent in builds for one platform.
    pub platform: Option<&'a str>,
    /// The architecture after the arrow: `arm64`, `arm/v7`.
    pub cross_to: Option<&'a str>,
    /// The stage's name, or `stage-5` for one without; absent where the file has one stage.
    pub stage: Option<&'a str>,
    /// The target of a bake definition. Where its Dockerfile has one stage and it builds for one platform, the name stands
    /// where that of the stage would, and is taken for it.
    pub build: Option<&'a str>,
    /// Position within the stage and number of steps: `4/6`.
    pub index: Option<(u32, u32)>,
    /// What the vertex is.
    pub subject: Subject,
    /// What follows the bracket: `RUN go build`.
    pub text: &'a str,
}

/// What a vertex is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Subject {
    /// A `RUN`.
    Run,
    /// A base image or the image of a `COPY --from`.
    From,
    /// `COPY`, `ADD` or `WORKDIR`.
    File,
    /// The merge of `COPY --link`.
    Link,
    /// BuildKit's own work: sending the context, resolving images, authentication.
    Internal,
    /// Export, cache and attestation after the last step.
    Export,
    /// None of these.
    #[default]
    Other,
}

/// Takes a vertex's name apart.
pub fn label(name: &str) -> Label<'_> {
    let Some((bracket, text)) = name.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return Label { subject: bare_subject(name), text: name, ..Label::default() };
    };
    let mut label = Label { text: text.trim_start(), ..Label::default() };
    let mut words = bracket.split_ascii_whitespace().rev().peekable();
    if let Some(index) = words.peek().copied().and_then(fraction) {
        label.index = Some(index);
        words.next();
    }
    while let Some(word) = words.next() {
        if matches!(word, "internal" | "auth" | "context") {
            label.subject = Subject::Internal;
        } else if word.contains('/') {
            (label.platform, label.cross_to) = match word.split_once("->") {
                Some((platform, cross_to)) => (Some(platform), Some(cross_to)),
                None => (Some(word), None),
            };
            label.build = words.next();
            break;
        } else if label.index.is_some() && label.stage.is_none() {
            label.stage = Some(word);
        } else {
            label.build = Some(word);
            break;
        }
    }
    if label.subject != Subject::Internal {
        label.subject = if label.index.is_some() { subject(label.text) } else { bare_subject(label.text) };
    }
    label
}

/// The subject of a step, by its instruction.
fn subject(text: &str) -> Subject {
    let text = text.strip_prefix("ONBUILD ").unwrap_or(text);
    let keyword = text.split_ascii_whitespace().next().unwrap_or_default();
    match keyword {
        "RUN" => Subject::Run,
        "FROM" => Subject::From,
        "COPY" | "ADD" | "WORKDIR" => Subject::File,
        "LINK" => Subject::Link,
        _ => Subject::Other,
    }
}

/// The subject of a vertex without a position in a stage.
fn bare_subject(name: &str) -> Subject {
    if name.starts_with("FROM ") || name.starts_with("docker-image://") {
        return Subject::From;
    }
    let after =
        ["exporting ", "pushing ", "importing ", "resolving provenance", "unpacking ", "sending tarball"];
    if after.iter().any(|start| name.starts_with(start)) { Subject::Export } else { Subject::Other }
}

/// `4/6`.
fn fraction(word: &str) -> Option<(u32, u32)> {
    let (at, of) = word.split_once('/')?;
    Some((at.parse().ok()?, of.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_shape() {
        let cases: [(&str, Label<'_>); 11] = [
            (
                "[linux/amd64->arm/v7 build 6/6] RUN go build",
                Label {
                    platform: Some("linux/amd64"),
                    cross_to: Some("arm/v7"),
                    stage: Some("build"),
                    build: None,
                    index: Some((6, 6)),
                    subject: Subject::Run,
                    text: "RUN go build",
                },
            ),
            (
                "[2/2] RUN x",
                Label { index: Some((2, 2)), subject: Subject::Run, text: "RUN x", ..Label::default() },
            ),
            (
                "[app linux/arm64 base 1/2] FROM debian",
                Label {
                    platform: Some("linux/arm64"),
                    stage: Some("base"),
                    build: Some("app"),
                    index: Some((1, 2)),
                    subject: Subject::From,
                    text: "FROM debian",
                    ..Label::default()
                },
            ),
            (
                "[stage-2 3/5] LINK COPY --link a /a",
                Label {
                    stage: Some("stage-2"),
                    index: Some((3, 5)),
                    subject: Subject::Link,
                    text: "LINK COPY --link a /a",
                    ..Label::default()
                },
            ),
            (
                "[build 2/3] ONBUILD RUN x",
                Label {
                    stage: Some("build"),
                    index: Some((2, 3)),
                    subject: Subject::Run,
                    text: "ONBUILD RUN x",
                    ..Label::default()
                },
            ),
            (
                "[linux/arm64 internal] load metadata for docker.io/library/x:1",
                Label {
                    platform: Some("linux/arm64"),
                    subject: Subject::Internal,
                    text: "load metadata for docker.io/library/x:1",
                    ..Label::default()
                },
            ),
            (
                "[internal] load build context",
                Label { subject: Subject::Internal, text: "load build context", ..Label::default() },
            ),
            (
                "FROM docker.io/library/tool:1",
                Label { subject: Subject::From, text: "FROM docker.io/library/tool:1", ..Label::default() },
            ),
            (
                "exporting to image",
                Label { subject: Subject::Export, text: "exporting to image", ..Label::default() },
            ),
            ("[unclosed", Label { text: "[unclosed", ..Label::default() }),
            ("", Label::default()),
        ];
        for (name, wanted) in cases {
            assert_eq!(label(name), wanted, "{name}");
        }
    }
}
