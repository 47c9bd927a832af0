//! How well-known publishers spell architectures in the names of what they offer.

use std::path::Path;

/// A publisher's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::advice) struct Publisher {
    /// A part of its URLs that no others have.
    url: &'static str,
    /// What it calls amd64, and arm64.
    spellings: [&'static str; 2],
}

const fn publisher(url: &'static str, amd64: &'static str, arm64: &'static str) -> Publisher {
    Publisher { url, spellings: [amd64, arm64] }
}

/// Where a publisher changed its names, the URL is of versions with these.
///
/// Source: the names of the files of each project's releases. Those of 80 were compared in 2026-11 with the addresses that public
/// scripts and Dockerfiles fetch, and none was otherwise; of tools that are fetched less often 19 were looked up one by one: 18 agree as far as
/// addresses show, and one, whose name for arm64 none showed, was taken out.
const PUBLISHERS: [Publisher; 112] = [
    publisher("nodejs.org/dist/", "x64", "arm64"),
    publisher("/just-containers/s6-overlay/releases/download/v3", "x86_64", "aarch64"),
    publisher("/protocolbuffers/protobuf/releases/", "x86_64", "aarch_64"),
    publisher("awscli.amazonaws.com/awscli-exe-linux", "x86_64", "aarch64"),
    publisher("repo.anaconda.com/miniconda/", "x86_64", "aarch64"),
    publisher("/conda-forge/miniforge/releases/", "x86_64", "aarch64"),
    publisher("micro.mamba.pm/api/micromamba/", "64", "aarch64"),
    publisher("download.docker.com/linux/static/", "x86_64", "aarch64"),
    publisher("/docker/compose/releases/download/v2", "x86_64", "aarch64"),
    publisher("/oven-sh/bun/releases/", "x64", "aarch64"),
    publisher("/denoland/deno/releases/", "x86_64", "aarch64"),
    publisher("/pnpm/pnpm/releases/", "x64", "arm64"),
    publisher("/sass/dart-sass/releases/", "x64", "arm64"),
    publisher("/tailwindlabs/tailwindcss/releases/", "x64", "arm64"),
    publisher("/astral-sh/", "x86_64", "aarch64"),
    publisher("storage.googleapis.com/dart-archive/", "x64", "arm64"),
    publisher("dl.google.com/dl/cloudsdk/", "x86_64", "arm"),
    publisher("static.rust-lang.org/rustup/", "x86_64", "aarch64"),
    publisher("ziglang.org/", "x86_64", "aarch64"),
    publisher("/adoptium/temurin", "x64", "aarch64"),
    publisher("/graalvm/graalvm-ce-builds/releases/download/jdk-", "x64", "aarch64"),
    publisher("cdn.azul.com/zulu/", "x64", "aarch64"),
    publisher("/PowerShell/PowerShell/releases/", "x64", "arm64"),
    publisher("/Kitware/CMake/releases/", "x86_64", "aarch64"),
    publisher("/rui314/mold/releases/", "x86_64", "aarch64"),
    publisher("/mozilla/sccache/releases/", "x86_64", "aarch64"),
    publisher("/bytecodealliance/wasmtime/releases/", "x86_64", "aarch64"),
    publisher("/BurntSushi/ripgrep/releases/", "x86_64", "aarch64"),
    publisher("/sharkdp/", "x86_64", "aarch64"),
    publisher("/koalaman/shellcheck/releases/", "x86_64", "aarch64"),
    publisher("/hadolint/hadolint/releases/", "x86_64", "arm64"),
    publisher("/bufbuild/buf/releases/", "x86_64", "aarch64"),
    publisher("/goreleaser/goreleaser/releases/", "x86_64", "arm64"),
    publisher("/fullstorydev/grpcurl/releases/", "x86_64", "arm64"),
    publisher("/jesseduffield/lazygit/releases/", "x86_64", "arm64"),
    publisher("/nektos/act/releases/", "x86_64", "arm64"),
    publisher("/superfly/flyctl/releases/", "x86_64", "arm64"),
    publisher("/gitleaks/gitleaks/releases/download/v8", "x64", "arm64"),
    publisher("/aquasecurity/trivy/releases/", "64bit", "ARM64"),
    publisher("/peak/s5cmd/releases/", "64bit", "arm64"),
    publisher("/Yelp/dumb-init/releases/download/v1.2.5", "x86_64", "aarch64"),
    publisher("developer.download.nvidia.com/compute/cuda/repos/", "x86_64", "sbsa"),
    publisher("/charmbracelet/gum/releases/", "x86_64", "arm64"),
    publisher("/google/go-containerregistry/releases/", "x86_64", "arm64"),
    publisher("/open-policy-agent/conftest/releases/", "x86_64", "arm64"),
    publisher("/ahmetb/kubectx/releases/", "x86_64", "arm64"),
    publisher("/norwoodj/helm-docs/releases/", "x86_64", "arm64"),
    publisher("/ko-build/ko/releases/", "x86_64", "arm64"),
    publisher("/vektra/mockery/releases/", "x86_64", "arm64"),
    publisher("/getsentry/sentry-cli/releases/", "x86_64", "aarch64"),
    publisher("/meilisearch/meilisearch/releases/", "amd64", "aarch64"),
    publisher("get.pulumi.com/releases/", "x64", "arm64"),
    publisher("/actions/runner/releases/", "x64", "arm64"),
    publisher("/gitpod-io/openvscode-server/releases/", "x64", "arm64"),
    publisher("/biomejs/biome/releases/", "x64", "arm64"),
    publisher("/tsl0922/ttyd/releases/", "x86_64", "aarch64"),
    publisher("/aws/aws-sam-cli/releases/", "x86_64", "arm64"),
    publisher("/grpc/grpc-web/releases/", "x86_64", "aarch64"),
    publisher("fastdl.mongodb.org/", "x86_64", "aarch64"),
    publisher("artifacts.elastic.co/downloads/beats/", "x86_64", "arm64"),
    publisher("artifacts.elastic.co/downloads/elasticsearch/", "x86_64", "aarch64"),
    publisher("artifacts.elastic.co/downloads/kibana/", "x86_64", "aarch64"),
    publisher("/XTLS/Xray-core/releases/", "64", "arm64-v8a"),
    // These are called as Docker calls the architectures.
    docker("dl.k8s.io/"),
    docker("storage.googleapis.com/kubernetes-release/"),
    docker("get.helm.sh/"),
    docker("releases.hashicorp.com/"),
    docker("go.dev/dl/"),
    docker("golang.org/dl/"),
    docker("/tianon/gosu/releases/"),
    docker("/krallin/tini/releases/"),
    docker("/mikefarah/yq/releases/"),
    docker("/jqlang/jq/releases/download/jq-1.7"),
    docker("/etcd-io/etcd/releases/"),
    docker("/containerd/containerd/releases/"),
    docker("/containernetworking/plugins/releases/"),
    docker("/grpc-ecosystem/grpc-health-probe/releases/"),
    docker("/golang-migrate/migrate/releases/"),
    docker("/prometheus/prometheus/releases/"),
    docker("/prometheus/node_exporter/releases/"),
    docker("/cli/cli/releases/"),
    docker("/sigstore/cosign/releases/"),
    docker("/FiloSottile/age/releases/"),
    docker("/getsops/sops/releases/"),
    docker("/mozilla/sops/releases/"),
    docker("/caddyserver/caddy/releases/"),
    docker("dl.min.io/"),
    docker("/anchore/syft/releases/"),
    docker("/anchore/grype/releases/"),
    docker("/restic/restic/releases/"),
    docker("/rclone/rclone/releases/"),
    docker("/aptible/supercronic/releases/"),
    docker("/kubernetes-sigs/kustomize/releases/"),
    docker("/kubernetes-sigs/kind/releases/"),
    docker("/argoproj/argo-cd/releases/"),
    docker("/gruntwork-io/terragrunt/releases/"),
    docker("/opentofu/opentofu/releases/"),
    docker("/cloudflare/cloudflared/releases/"),
    docker("pkgs.tailscale.com/"),
    docker("/fatedier/frp/releases/"),
    docker("/moby/buildkit/releases/"),
    docker("/docker/buildx/releases/"),
    docker("/golangci/golangci-lint/releases/"),
    docker("/mvdan/sh/releases/"),
    docker("/rhysd/actionlint/releases/"),
    docker("/open-policy-agent/opa/releases/"),
    docker("/opencontainers/runc/releases/"),
    docker("/nats-io/nats-server/releases/"),
    docker("/bazelbuild/bazelisk/releases/"),
    docker("/coder/code-server/releases/"),
    docker("/jgm/pandoc/releases/"),
    docker("/amacneil/dbmate/releases/"),
];

const fn docker(url: &'static str) -> Publisher {
    publisher(url, "amd64", "arm64")
}

/// What a URL says and what its publisher would: `(amd64, x64)` for Node.js. `None` where it is right, or nothing is known.
pub(in crate::advice) fn misspelt(url: &str) -> Option<(&'static str, &'static str)> {
    // Packages of Debian's are called as Debian calls its architectures, which is as Docker does.
    if Path::new(folder_that_says(url)).extension().is_some_and(|end| end == "deb") {
        return None;
    }
    let triples =
        [("amd64-unknown-linux-", ("amd64", "x86_64")), ("arm64-unknown-linux-", ("arm64", "aarch64"))];
    let mut triples = triples.into_iter().filter(|_| url.contains("://"));
    if let Some((_, wrong)) = triples.find(|(triple, _)| url.contains(triple)) {
        return Some(wrong);
    }
    let known = PUBLISHERS.iter().find(|known| url.contains(known.url))?;
    let path = &url[url.find(known.url)? + known.url.len()..];
    let [amd64, arm64] = known.spellings;
    let words = [("amd64", amd64), ("x86_64", amd64), ("x64", amd64), ("arm64", arm64), ("aarch64", arm64)];
    let is_there = |word: &str| {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let whole = |(at, _): (usize, &str)| {
            !is_part(path[..at].chars().next_back()) && !is_part(path[at + word.len()..].chars().next())
        };
        path.match_indices(word).any(whole)
    };
    words.into_iter().find(|(word, own)| word != own && is_there(word) && !is_there(own))
}

/// The architecture of a file whose name says none, as its publisher has a suffix for all others.
///
/// Source: as of [`PUBLISHERS`].
pub(in crate::advice) fn unsaid(url: &str) -> Option<&'static str> {
    const UNSAID: [(&str, &[&str]); 5] = [
        ("/krallin/tini/releases/", &["/tini", "/tini-static"]),
        ("/yt-dlp/yt-dlp/releases/", &["/yt-dlp_linux"]),
        ("/k3s-io/k3s/releases/", &["/k3s"]),
        ("/ninja-build/ninja/releases/", &["/ninja-linux.zip"]),
        ("/Schniz/fnm/releases/", &["/fnm-linux.zip"]),
    ];
    let is_one =
        |(of, names): &(&str, &[&str])| names.iter().any(|name| url.ends_with(name)) && url.contains(of);
    UNSAID.iter().any(is_one).then_some("amd64")
}

/// The part of a path that says an architecture, where that is not the name of the file: NVIDIA's lists of packages are for all by
/// name, and lie in a folder for one.
pub(in crate::advice) fn folder_that_says(path: &str) -> &str {
    let is_list = path.contains("compute/cuda/repos/") && path.contains("cuda-keyring");
    path.rsplit_once('/').filter(|_| is_list).map_or(path, |(folder, _)| folder)
}

/// Whether a file is no program, by its ending, nor holds one.
pub(in crate::advice) fn is_data(path: &str) -> bool {
    const ENDS: [&str; 22] = [
        "json", "yaml", "yml", "toml", "ini", "conf", "cfg", "txt", "md", "html", "css", "csv", "xml", "svg",
        "png", "jpg", "pem", "crt", "gpg", "pub", "service", "exe",
    ];
    let end = Path::new(path).extension().and_then(|end| end.to_str());
    end.is_some_and(|end| ENDS.contains(&end))
}

/// Packages of Debian that there are for amd64, and neither for arm64, for arm nor for riscv64.
///
/// Source: the indexes of bookworm and trixie at <https://deb.debian.org/debian/dists>, all components, in 2026-11.
pub(in crate::advice) const OF_AMD64_ONLY: [&str; 14] = [
    "linux-image-amd64",
    "linux-headers-amd64",
    "intel-microcode",
    "amd64-microcode",
    "gcc-multilib",
    "g++-multilib",
    "libc6-i386",
    "libc6-dev-i386",
    "lib32gcc-s1",
    "lib32stdc++6",
    "lib32z1",
    "intel-media-va-driver",
    "intel-media-va-driver-non-free",
    "i965-va-driver",
];

/// The names of amd64 and arm64 in the spelling of a word that names one of them, `None` for words that may be of several.
pub(in crate::advice) fn spelling_of(word: &str) -> Option<[&'static str; 2]> {
    Some(match word {
        "x86_64" | "aarch64" => ["x86_64", "aarch64"],
        "x64" => ["x64", "arm64"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::misspelt;

    #[test]
    fn publishers_have_names_of_their_own() {
        for (url, wrong) in [
            ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-amd64.tar.xz", Some(("amd64", "x64"))),
            ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-arm64.tar.xz", None),
            (
                "https://github.com/protocolbuffers/protobuf/releases/download/v28/protoc-28-linux-arm64.zip",
                Some(("arm64", "aarch_64")),
            ),
            (
                "https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz",
                None,
            ),
            ("https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-x86_64.tar.xz", Some(("x86_64", "x64"))),
            ("https://dl.k8s.io/release/v1.31.0/bin/linux/aarch64/kubectl", Some(("aarch64", "arm64"))),
            ("https://dl.k8s.io/release/v1.31.0/bin/linux/arm64/kubectl", None),
            (
                "https://github.com/protocolbuffers/protobuf/releases/download/v28/protoc-28-linux-aarch_64.zip",
                None,
            ),
            ("https://go.dev/dl/go1.25.0.linux-x86_64.tar.gz", Some(("x86_64", "amd64"))),
            ("https://example.com/tool-amd64", None),
            ("https://example.com/tool-arm64-unknown-linux-musl.tar.gz", Some(("arm64", "aarch64"))),
            (
                "https://github.com/Yelp/dumb-init/releases/download/v1.2.5/dumb-init_1.2.5_amd64",
                Some(("amd64", "x86_64")),
            ),
            ("https://github.com/Yelp/dumb-init/releases/download/v1.2.5/dumb-init_1.2.5_amd64.deb", None),
            ("https://github.com/Yelp/dumb-init/releases/download/v1.2.2/dumb-init_1.2.2_amd64", None),
            ("https://github.com/gitleaks/gitleaks/releases/download/v7.6.1/gitleaks-linux-amd64", None),
            (
                "https://github.com/graalvm/graalvm-ce-builds/releases/download/vm-22.3.0/graalvm-ce-java17-linux-amd64-22.3.0.tar.gz",
                None,
            ),
        ] {
            assert_eq!(misspelt(url), wrong, "{url}");
        }
    }
}
