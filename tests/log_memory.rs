//! A log of 500 MB is read in memory that does not grow with it, and a line beyond the limit is skipped and said.
//!
//! Alone in its file: the peak is that of the process.

use std::fmt::Write;
use std::io::{BufReader, Read, Result};

use xsim::ingest::{MAX_LINE, read};

/// A log that is made while it is read: a line of a vertex, then what its step prints, again and again.
struct LongLog {
    block: Vec<u8>,
    at: usize,
    blocks: usize,
    /// Bytes of one line that are still to come, after the blocks.
    overlong: usize,
}

impl LongLog {
    fn new(bytes: usize) -> Self {
        let mut block = String::new();
        for step in 0..40 {
            let _ = writeln!(
                block,
                "{{\"vertexes\":[{{\"digest\":\"sha256:{step:064x}\",\"name\":\"[build {step}/40] RUN make {step}\",\
                 \"started\":\"2026-11-23T05:04:{step:02}.1Z\",\"completed\":\"2026-11-23T05:05:{step:02}.2Z\"}}]}}"
            );
            for line in 0..200 {
                let _ = writeln!(
                    block,
                    "{{\"logs\":[{{\"vertex\":\"sha256:{step:064x}\",\"stream\":1,\"data\":\"{}\"}}]}}",
                    "IzUgMC41MTIgY29tcGlsaW5n".repeat(line % 9 + 1)
                );
            }
        }
        Self { blocks: bytes / block.len(), block: block.into_bytes(), at: 0, overlong: MAX_LINE + 1 }
    }
}

impl Read for LongLog {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.blocks == 0 {
            let count = buffer.len().min(self.overlong);
            buffer[..count].fill(b'x');
            self.overlong -= count;
            return Ok(count);
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        if self.at == self.block.len() {
            (self.at, self.blocks) = (0, self.blocks - 1);
        }
        Ok(count)
    }
}

/// Most memory that this process ever held, in kilobytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_long_log_takes_no_more_memory_than_a_short_one() {
    let log = |megabytes: usize| BufReader::new(LongLog::new(megabytes << 20));
    let build = |megabytes: usize| read(log(megabytes)).expect("a log").builds.remove(0);
    let short = build(5);
    let before = peak();
    let long = build(500);
    assert_eq!((long.steps.len(), long.problems.long_lines, long.problems.malformed), (40, 1, 0));
    assert_eq!(long.steps, short.steps);
    if let (Some(before), Some(after)) = (before, peak()) {
        // Fifty times the log may round up an allocation, no more.
        assert!(after - before < 2_000, "{} kB more", after - before);
    }
}
