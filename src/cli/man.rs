//! `xsim man`

use clap::CommandFactory as _;

use super::args::{Args, Man};
use super::exit::{Exit, Failure};
use super::output;

pub(super) fn run(args: &Man) -> Result<Exit, Failure> {
    let mut command = Args::command();
    command.build();
    let command = match &args.command {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::Usage(format!("xsim has no command {name:?}")))?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(Failure::Stream)?;
    output::print(with_source(&String::from_utf8_lossy(&page)).as_bytes())?;
    Ok(Exit::Done)
}

/// The page with a title line that says where it comes from: an empty date would let what follows be taken for one.
fn with_source(page: &str) -> String {
    let title = |line: &str| {
        let name = line.strip_prefix(".TH ")?.split(' ').next()?;
        Some(format!(".TH {name} 1 \"\" \"xsim {}\"\n", env!("CARGO_PKG_VERSION")))
    };
    page.split_inclusive('\n').map(|line| title(line).unwrap_or_else(|| line.to_owned())).collect()
}
