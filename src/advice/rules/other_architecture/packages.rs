//! What packages, the lists they come from and the programs that a step packs say by their names.

use super::escapes;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::naming::{self, Said, foreign, listed};
use crate::advice::facts::packages;
use crate::advice::facts::publishers;
use crate::ids::VertexIx;
use crate::model::platform::Platform;
use crate::shell::interpret::Call;

/// What the text of a `RUN` holds that may install packages.
pub(super) struct PackageHints {
    packs: bool,
    npm: bool,
    told_npm: bool,
    repository: bool,
    list: bool,
    pip: bool,
    debian: bool,
    rustup: bool,
}

impl PackageHints {
    pub(super) fn of(raw: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| raw.contains(word));
        // Where there are further architectures, apt may find theirs.
        let is_of_one = || !raw.contains("add-architecture");
        let repository = raw.contains("baseurl");
        Self {
            packs: raw.contains("-linux") && has(&["pkg", "nexe", "compile"]),
            npm: has(&["-linux-x64", "-linux-arm64"]),
            told_npm: has(&packages::NPM_OPTIONS) || raw.contains("npm_config_"),
            repository,
            list: repository || raw.contains("arch=") && raw.contains("deb ") && is_of_one(),
            pip: raw.contains("--platform") && raw.contains("pip"),
            debian: raw.contains("apt")
                && (has(&publishers::OF_AMD64_ONLY) || has(&FOREIGN_PACKAGES))
                && is_of_one(),
            rustup: raw.contains("toolchain") && raw.contains("-unknown-linux-"),
        }
    }

    pub(super) fn has_any(&self) -> bool {
        let Self { packs, npm, told_npm, repository: _, list, pip, debian, rustup } = self;
        [packs, npm, told_npm, list, pip, debian, rustup].contains(&&true)
    }
}

/// How names of packages end that are asked for of another architecture.
const FOREIGN_PACKAGES: [&str; 2] = [":amd64", ":arm64"];

/// What the packages that a step installs, the lists they come from and the programs that it packs say.
pub(super) fn of_packages<'k>(
    context: &'k Context<'_>,
    stage: &StageView<'_>,
    hints: &PackageHints,
    vertex: VertexIx,
    target: &Platform,
) -> Option<Said<'k>> {
    let own = context.node.nature(vertex)?;
    let outcome = &context.sight(vertex)?.outcome;
    let certain = || outcome.calls.iter().filter(|call| call.is_certain);
    let packed = || {
        certain().filter(|call| made::is_packer(call)).find_map(|call| {
            let said = foreign(made::option(call, &["--targets", "--target", "-t"])?, target)?;
            let to = made::option(call, &["--output", "--outfile", "--out-path", "-o"])?;
            let place = made::path_of(call, to).map(made::Place::At)?;
            let stays = context.is_in_image(stage.index) || escapes(context, stage, vertex, &[place]);
            stays.then_some(said)
        })
    };
    let of_debian = || {
        let packages = || certain().filter(|call| made::installs_debian(call)).flat_map(Call::arguments);
        let is_foreign = |word: &&str| FOREIGN_PACKAGES.iter().any(|end| word.ends_with(end));
        if let Some(name) =
            packages().find(is_foreign).filter(|_| !context.text().contains("add-architecture"))
        {
            return foreign(name, own);
        }
        let name = packages().find(|word| publishers::OF_AMD64_ONLY.contains(word))?;
        // Some are there for IBM's machines, too.
        let has_none = matches!(&*own.architecture, "arm64" | "arm" | "riscv64");
        has_none.then_some(Said { name, architecture: "amd64" })
    };
    let of_npm = || {
        let packages = certain().filter(|call| made::installs_node(call)).flat_map(Call::arguments);
        let named: Vec<&str> = packages.filter(|word| !word.starts_with('-')).collect();
        let is_one = naming::architectures(&named.join(" ")) == 1;
        named.into_iter().filter(|_| is_one).find_map(|name| foreign(name, own))
    };
    let of_npm_options = || {
        certain().filter(|call| packages::places(call).is_some_and(|(manager, _)| manager == "npm")).find_map(
            |call| {
                let said = foreign(packages::npm_told(call)?, target)?;
                let places = packages::places(call)?.1;
                let stays = context.is_in_image(stage.index) || escapes(context, stage, vertex, &places);
                stays.then_some(said)
            },
        )
    };
    let of_pip = || {
        certain().filter(|call| call.program().starts_with("pip")).find_map(|call| {
            let said = foreign(made::option(call, &["--platform"])?, target)?;
            let to = made::option(call, &["--target", "-t", "--dest", "-d"])?;
            let place = made::path_of(call, to).map(made::Place::At)?;
            let stays = context.is_in_image(stage.index) || escapes(context, stage, vertex, &[place]);
            stays.then_some(said)
        })
    };
    let of_list = || {
        let lines = |folder: &'static str| {
            let files = outcome.files.iter().filter(move |(path, _)| path.contains(folder));
            files.flat_map(|(_, text)| text.with_gaps().lines())
        };
        let of_url = |line: &'k str| foreign(line.strip_prefix("baseurl=")?, own);
        if let Some(said) = lines("/yum.repos.d/").filter(|_| hints.repository).find_map(of_url) {
            return Some(said);
        }
        let mut lines = lines("/apt/");
        let by_call = || certain().find_map(|call| call.arguments().find_map(|word| listed(word, own)));
        lines.find_map(|line| listed(line, own)).or_else(by_call)
    };
    // A tool chain of rustup's is for the machine that its name ends in.
    let of_rustup = || {
        let names = certain().filter(|call| call.arguments().any(|word| word.contains("toolchain")));
        let mut names = names.flat_map(Call::arguments).filter(|word| word.contains("-unknown-linux-"));
        let is_chain =
            |word: &&str| ["stable-", "beta-", "nightly-", "1."].iter().any(|start| word.starts_with(start));
        names.find(is_chain).and_then(|name| foreign(name, own))
    };
    packed()
        .or_else(|| if hints.rustup { of_rustup() } else { None })
        .or_else(|| if hints.debian { of_debian() } else { None })
        .or_else(of_npm)
        .or_else(|| if hints.told_npm { of_npm_options() } else { None })
        .or_else(of_pip)
        .or_else(|| if hints.list { of_list() } else { None })
}
