//! Files made to hurt: what they may cost, what they may say, and what becomes of files that are written.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

mod bytes;
mod commands;
mod files;
mod work;

const PLATFORMS: [&str; 2] = ["--platform", "linux/amd64,linux/arm64"];

/// A folder of the test's own, which holds nothing.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// xsim with these arguments, in a folder. On Linux it may take 2 GiB of address space and a minute of processor time: what
/// grows with the square of its input takes more.
fn command(folder: &Path, args: &[&str]) -> Command {
    let program = env!("CARGO_BIN_EXE_xsim");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 2097152 && ulimit -t 60 && exec \"$0\" \"$@\"", program]);
        shell
    } else {
        Command::new(program)
    };
    command.current_dir(folder).args(args).env("LANG", "C.UTF-8").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn xsim(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
