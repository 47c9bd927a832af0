# Everything CI checks.
ci:
    .ci/run

# All tests.
test *args:
    cargo test --all-features {{ args }}

# Formatting, lints and spelling.
lint:
    .ci/run lint typos

# Benchmarks; name one to run it alone.
bench *args:
    cargo bench --all-features {{ args }}

# Draw the pictures of docs/gallery.md anew.
docs:
    SNAPSHOTS=overwrite cargo test --all-features --test it the_gallery_is_current

# The library's documentation, opened in a browser.
api:
    cargo doc --all-features --no-deps --open

# Search for inputs that crash, hang or break a promise, for a number of seconds: `analyze` makes reports, `report`
# explanations and pictures. Needs cargo-fuzz and the nightly toolchain. No sanitizer: none of this code is unsafe.
fuzz seconds="60" target="analyze":
    mkdir -p fuzz/corpus/{{ target }}
    cargo +nightly fuzz run --sanitizer none --debug-assertions {{ target }} \
        fuzz/corpus/{{ target }} tests/data/fuzz -- \
        -dict=fuzz/dockerfile.dict -max_len=8192 -timeout=5 -rss_limit_mb=1024 -max_total_time={{ seconds }}

# Compare the release program with BuildKit on every conformance case.
conformance:
    .ci/run conformance
