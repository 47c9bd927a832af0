//! Crates, Go modules and gems that take far longer to compile than most: with C or C++ inside, or very large.
//!
//! A data file in Rust, edited by hand. Source: guesses, by what `cargo build --timings` of projects that use them shows in public
//! reports and by the size of the C sources that they bring, at [`super::size`]'s rate; of jemalloc, its own build in
//! `tests/data/projects`, 6 core-seconds to configure and 75 to compile all twice. Sorted by name.

/// Core-seconds of a crate in a release build; `None` for usual ones.
pub(super) fn heavy(name: &str) -> Option<f64> {
    of(HEAVY, name)
}

/// Core-seconds that compiling a gem takes when it is installed; `None` for those of Ruby alone and those that come built.
pub(super) fn gem(name: &str) -> Option<f64> {
    of(GEMS, name)
}

/// Guesses: an `extconf.rb` asks the compiler some ten times, then some files of C or C++ follow.
const GEMS: &[(&str, f64)] = &[
    ("bcrypt", 2.0),
    ("bigdecimal", 2.5),
    ("bootsnap", 2.0),
    ("charlock_holmes", 8.0),
    ("commonmarker", 15.0),
    ("date", 2.5),
    ("eventmachine", 12.0),
    ("google-protobuf", 6.0),
    ("grpc", 300.0),
    ("hiredis", 3.0),
    ("io-console", 1.5),
    ("json", 2.5),
    ("mini_racer", 15.0),
    ("msgpack", 4.0),
    ("mysql2", 5.0),
    ("nio4r", 5.0),
    ("oj", 8.0),
    ("pg", 5.0),
    ("psych", 3.0),
    ("puma", 3.0),
    ("racc", 2.0),
    ("redcarpet", 4.0),
    ("rmagick", 10.0),
    ("sassc", 50.0),
    ("stackprof", 2.0),
    ("stringio", 1.5),
    ("strscan", 1.5),
    ("unf_ext", 10.0),
    ("websocket-driver", 1.5),
];

/// Megabytes of a Go module that are compiled where it is used, of those that no vendored tree was at hand for; `None` for others.
pub(super) fn large_module(name: &str) -> Option<f64> {
    of(MODULES, name)
}

/// What a table that is sorted by name has of one.
fn of(table: &[(&str, f64)], name: &str) -> Option<f64> {
    let at = table.binary_search_by(|row| row.0.cmp(name)).ok()?;
    Some(table[at].1)
}

/// By memory of their repositories.
const MODULES: &[(&str, f64)] = &[
    ("cloud.google.com/go/compute", 5.0),
    ("github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute", 3.0),
    ("github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork", 5.0),
    ("github.com/aws/aws-sdk-go-v2/service/ec2", 14.0),
    ("github.com/aws/aws-sdk-go-v2/service/iam", 2.5),
    ("github.com/aws/aws-sdk-go-v2/service/rds", 3.5),
    ("gvisor.dev/gvisor", 4.0),
    ("modernc.org/libc", 5.0),
    ("modernc.org/sqlite", 9.0),
    ("tailscale.com", 4.0),
];

const HEAVY: &[(&str, f64)] = &[
    ("actix-web", 8.0),
    ("aws-lc-sys", 45.0),
    ("aws-sdk-dynamodb", 30.0),
    ("aws-sdk-ec2", 200.0),
    ("aws-sdk-s3", 35.0),
    ("bindgen", 10.0),
    ("boring-sys", 80.0),
    ("clap_builder", 6.0),
    ("cranelift-codegen", 45.0),
    ("datafusion", 60.0),
    ("duckdb", 20.0),
    ("h2", 6.0),
    ("hyper", 5.0),
    ("hyperscan-sys", 350.0),
    ("image", 8.0),
    ("k8s-openapi", 60.0),
    ("libduckdb-sys", 900.0),
    ("libgit2-sys", 25.0),
    ("librocksdb-sys", 400.0),
    ("libsqlite3-sys", 25.0),
    ("libz-ng-sys", 6.0),
    ("openssl-src", 60.0),
    ("parquet", 20.0),
    ("polars-core", 60.0),
    ("polars-plan", 40.0),
    ("protobuf-src", 200.0),
    ("rav1e", 60.0),
    ("rdkafka-sys", 45.0),
    ("regex-automata", 7.0),
    ("ring", 7.0),
    ("rustls", 8.0),
    ("sea-orm", 10.0),
    ("snmalloc-sys", 15.0),
    ("sqlparser", 12.0),
    ("sqlx-postgres", 10.0),
    ("swc_ecma_parser", 20.0),
    ("syn", 4.0),
    ("tantivy", 25.0),
    ("tikv-jemalloc-sys", 40.0),
    ("tokio", 8.0),
    ("wasmtime", 40.0),
    ("z3-sys", 900.0),
    ("zstd-sys", 12.0),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_tables_are_sorted() {
        for table in [super::HEAVY, super::GEMS, super::MODULES] {
            assert!(table.is_sorted_by_key(|row| row.0));
        }
    }
}
