//! Where a build ran, as far as its log says.

/// Where a build ran.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origin {
    /// The builder's driver, in buildx's words: `docker`, `docker-container`, `kubernetes`, `remote`, `cloud`.
    pub driver: Option<Box<str>>,
    /// The image of GitHub's runner: `ubuntu-24.04`.
    pub runner: Option<Box<str>>,
    /// Cores, as `docker info` counts them, or as the builder's own counters add up.
    pub cores: Option<f64>,
    /// The architecture, in Docker's words: `amd64`.
    pub architecture: Option<Box<str>>,
}

impl Origin {
    /// Longer words are nobody's names.
    const MAX_WORD: usize = 64;

    /// Takes up what `other` knows and this does not.
    pub(super) fn complete(&mut self, other: &Self) {
        let Self { driver, runner, cores, architecture } = other;
        self.driver = self.driver.take().or_else(|| driver.clone());
        self.runner = self.runner.take().or_else(|| runner.clone());
        self.cores = self.cores.or(*cores);
        self.architecture = self.architecture.take().or_else(|| architecture.clone());
    }

    /// Reads a line that is none of a build: a runner's header or what `docker info` prints.
    pub(super) fn line(&mut self, line: &str) {
        let Some((key, value)) = line.trim().split_once(':') else { return };
        let Some(value) = value.strip_prefix(' ').map(str::trim) else { return };
        if value.is_empty() || value.len() > Self::MAX_WORD {
            return;
        }
        match key {
            "Image" if value.starts_with("ubuntu-") || value.starts_with("windows-") => {
                self.runner = Some(value.into());
            }
            "CPUs" => self.cores = value.parse().ok().filter(|cores| (1.0..=4096.0).contains(cores)),
            "Architecture" => {
                self.architecture = Some(
                    match value {
                        "x86_64" => "amd64",
                        "aarch64" => "arm64",
                        other => other,
                    }
                    .into(),
                );
            }
            _ => {}
        }
    }

    /// Reads buildx's line of the builder: `building with "default" instance using docker-container driver`.
    pub(super) fn builder(&mut self, text: &str) {
        if let Some((_, rest)) = text.split_once(" instance using ")
            && let Some(driver) = rest.trim().strip_suffix(" driver")
            && driver.len() <= Self::MAX_WORD
        {
            self.driver = Some(driver.into());
        }
    }
}
