//! From a script to the programs that it can run.
#![no_main]

#[allow(dead_code, reason = "each target uses a part")]
#[path = "../../tests/it/fuzz_corpus/check.rs"]
mod check;
#[allow(dead_code, reason = "each target uses a part")]
#[path = "../../tests/it/fuzz_corpus/inputs.rs"]
mod inputs;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    inputs::script(bytes);
});
