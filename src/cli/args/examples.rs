//! What the help of each command shows at its end: how people begin.

pub(super) const ANALYZE: &str = "Examples:
  xsim analyze --platform linux/amd64,linux/arm64
  xsim analyze -f docker/Dockerfile . --platform linux/amd64,linux/arm64 --target app
  xsim analyze --platform linux/amd64,linux/arm64 --changed src/main.go";

pub(super) const CHECK: &str = "Examples:
  xsim check --platform linux/amd64,linux/arm64
  xsim check api/Dockerfile web/Dockerfile --fail-on warning --max-time 20m
  xsim check --format sarif --output xsim.sarif";

pub(super) const GRAPH: &str = "Examples:
  xsim graph --platform linux/amd64,linux/arm64 --output graph.svg
  xsim graph --detail stage --format mermaid";

pub(super) const COMPARE: &str = "Examples:
  xsim compare before.Dockerfile after.Dockerfile --platform linux/amd64,linux/arm64
  xsim compare Dockerfile new.Dockerfile --format html --output compared.html";

pub(super) const EXPLAIN: &str = "Examples:
  xsim explain Dockerfile:14 --platform linux/amd64,linux/arm64";

pub(super) const FIX: &str = "Examples:
  xsim fix --platform linux/amd64,linux/arm64              the difference, nothing is written
  xsim fix --platform linux/amd64,linux/arm64 --write
  xsim fix --only foreign-image-copy --interactive";

pub(super) const CALIBRATE: &str = "Examples:
  docker buildx build --progress rawjson . 2>build.rawjson
  xsim calibrate --log build.rawjson --dockerfile Dockerfile --output profile.toml
  xsim analyze --profile profile.toml";

pub(super) const TRANSLATE: &str = "Examples:
  xsim translate linux/arm/v7 --for golang
  xsim translate linux/arm64 --for rust --field triple";

pub(super) const OBSERVE: &str = "Examples:
  docker buildx build --progress rawjson . 2>build.rawjson
  xsim observe build.rawjson
  xsim observe build.log --dockerfile Dockerfile --format html --output build.html
  xsim observe bake.log --bake docker-bake.hcl --fail-on disagreement";

pub(super) const SCAN: &str = "Examples:
  xsim scan checkouts --format html --output scan.html
  xsim scan dockerfiles.jsonl --key hexsha --platform linux/amd64,linux/arm64 --format jsonl --output rows.jsonl";
