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
    XSIM_BLESS=1 cargo test --all-features --test pictures the_gallery_is_current

# The library's documentation, opened in a browser.
api:
    cargo doc --all-features --no-deps --open

# Search for inputs that crash or hang, for a number of seconds. Needs cargo-fuzz and the nightly toolchain.
fuzz seconds="60" target="analyze":
    cargo +nightly fuzz run {{ target }} -- -max_total_time={{ seconds }}

# Compare the release program with BuildKit on every conformance case.
conformance:
    .ci/run conformance
