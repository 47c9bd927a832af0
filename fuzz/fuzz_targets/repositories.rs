//! From the files of a repository to its builds.
#![no_main]

#[allow(dead_code, reason = "each target uses a part")]
#[path = "../../tests/it/fuzz_corpus/check.rs"]
mod check;
#[allow(dead_code, reason = "each target uses a part")]
#[path = "../../tests/it/fuzz_corpus/inputs.rs"]
mod inputs;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    inputs::repository(bytes);
});
