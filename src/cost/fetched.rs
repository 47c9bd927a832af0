//! C and C++ that Dockerfiles clone or download to build, whose size no context tells.
//!
//! A data file in Rust, edited by hand. Source: of `ctags`, `jq`, `libuv`, `libzmq`, `lua`, `ninja`, `nng`, `redis` and `zstd` their own builds in
//! `tests/data/projects`; all others are guesses by the size of their sources, at the rates of [`super::size`], of `telegram-bot-api` by
//! `tests/data/published`. Sorted by name.

use super::size::Sized;

/// The spread of the logarithm of these.
const SIGMA: f64 = 0.9;

/// What lies in a folder, and core-seconds to compile it, by the nearest name in its path that is known:
/// `/tmp/ffmpeg-6.1/build`.
pub(super) fn fetched(folder: &str) -> Option<Sized> {
    let (name, cpu) = nearest(folder)?;
    Some(Sized {
        cpu,
        dependencies: 0.0,
        network: None,
        wait: 0.0,
        serial: None,
        sigma: SIGMA,
        rests_on: format!("the sources of {name}"),
    })
}

/// Whether what a word names is downloaded as sources, and not built for some system.
pub(super) fn is_source(word: &str) -> bool {
    const BUILT: [&str; 7] = ["linux", "x86_64", "x64", "amd64", "aarch64", "arm64", "bin"];
    let word = word.to_ascii_lowercase();
    nearest(&word).is_some() && !BUILT.iter().any(|part| word.contains(part))
}

fn nearest(folder: &str) -> Option<(&'static str, f64)> {
    folder.rsplit('/').find_map(|name| {
        let name = name.to_ascii_lowercase();
        // The name, and less and less of its end: `node-v20.1`, `llvm-project`.
        let ends = name.char_indices().filter(|(_, c)| !c.is_alphanumeric()).map(|(at, _)| at);
        let parts = std::iter::once(name.len()).chain(ends.rev()).map(|end| &name[..end]);
        let with_digits = parts.flat_map(|part| [part, part.trim_end_matches(|c: char| c.is_ascii_digit())]);
        with_digits.into_iter().find_map(of)
    })
}

fn of(name: &str) -> Option<(&'static str, f64)> {
    FETCHED.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| FETCHED[at])
}

const FETCHED: &[(&str, f64)] = &[
    ("aom", 250.0),
    ("apr", 12.0),
    ("arrow", 800.0),
    ("bash", 30.0),
    ("binutils", 250.0),
    ("bird", 25.0),
    ("boost", 600.0),
    ("brotli", 12.0),
    ("bzip2", 2.0),
    ("c-ares", 8.0),
    ("capnproto", 120.0),
    ("ceres", 250.0),
    ("clamav", 250.0),
    ("cmake", 450.0),
    ("coreutils", 60.0),
    ("cpython", 120.0),
    ("ctags", 42.0),
    ("curl", 45.0),
    ("dav1d", 25.0),
    ("dovecot", 90.0),
    ("doxygen", 350.0),
    ("duktape", 8.0),
    ("emacs", 250.0),
    ("envoy", 12000.0),
    ("erlang", 350.0),
    ("exim", 30.0),
    ("fdk-aac", 20.0),
    ("ffmpeg", 350.0),
    ("flann", 60.0),
    ("fluent-bit", 250.0),
    ("folly", 700.0),
    ("fontconfig", 12.0),
    ("freeradius", 90.0),
    ("freetype", 12.0),
    ("gcc", 5000.0),
    ("gdal", 1200.0),
    ("gdb", 350.0),
    ("geos", 250.0),
    ("ghostscript", 120.0),
    ("git", 90.0),
    ("glib", 90.0),
    ("glibc", 400.0),
    ("gnutls", 90.0),
    ("googletest", 15.0),
    ("gperftools", 30.0),
    ("gpsd", 25.0),
    ("graphicsmagick", 60.0),
    ("grpc", 1200.0),
    ("gstreamer", 1200.0),
    ("h2o", 120.0),
    ("haproxy", 60.0),
    ("harfbuzz", 90.0),
    ("hdf5", 120.0),
    ("htop", 6.0),
    ("htslib", 15.0),
    ("httpd", 45.0),
    ("hyperscan", 400.0),
    ("icu", 120.0),
    ("imagemagick", 120.0),
    ("iperf", 5.0),
    ("jansson", 4.0),
    ("janus-gateway", 40.0),
    ("jemalloc", 40.0),
    ("jq", 18.0),
    ("lame", 10.0),
    ("leptonica", 40.0),
    ("libaom", 250.0),
    ("libass", 6.0),
    ("libde265", 25.0),
    ("libevent", 15.0),
    ("libffi", 4.0),
    ("libgit2", 40.0),
    ("libheif", 40.0),
    ("libjpeg-turbo", 15.0),
    ("libpng", 4.0),
    ("libpq", 30.0),
    ("librdkafka", 60.0),
    ("libsodium", 15.0),
    ("libspatialindex", 40.0),
    ("libssh2", 10.0),
    ("libtiff", 20.0),
    ("libtorrent", 400.0),
    ("libuv", 7.0),
    ("libvips", 60.0),
    ("libvpx", 120.0),
    ("libwebp", 25.0),
    ("libwebsockets", 45.0),
    ("libxml2", 25.0),
    ("libxslt", 8.0),
    ("libzmq", 34.0),
    ("llvm", 10000.0),
    ("lua", 6.0),
    ("luajit", 8.0),
    ("luarocks", 1.0),
    ("mariadb", 2500.0),
    ("mbedtls", 40.0),
    ("memcached", 8.0),
    ("modsecurity", 200.0),
    ("mongo", 12000.0),
    ("mongo-c-driver", 50.0),
    ("mongo-cxx-driver", 250.0),
    ("mono", 1500.0),
    ("mosquitto", 15.0),
    ("mozjpeg", 15.0),
    ("mpich", 400.0),
    ("mupdf", 150.0),
    ("mysql", 3500.0),
    ("nasm", 12.0),
    ("ncurses", 25.0),
    ("neovim", 90.0),
    ("netcdf", 60.0),
    ("nettle", 10.0),
    ("nginx", 45.0),
    ("ninja", 24.0),
    ("nng", 48.0),
    ("node", 6000.0),
    ("nsjail", 12.0),
    ("ompi", 300.0),
    ("onnxruntime", 6000.0),
    ("openblas", 400.0),
    ("opencv", 1500.0),
    ("openjdk", 2500.0),
    ("openjpeg", 12.0),
    ("openmpi", 300.0),
    ("openresty", 90.0),
    ("openssh", 30.0),
    ("openssl", 130.0),
    ("openvpn", 20.0),
    ("opus", 12.0),
    ("pcl", 3000.0),
    ("pcre", 12.0),
    ("pcre2", 15.0),
    ("perl", 90.0),
    ("pgbouncer", 15.0),
    ("php", 250.0),
    ("php-src", 250.0),
    ("pjproject", 120.0),
    ("pjsip", 120.0),
    ("poppler", 150.0),
    ("postgis", 60.0),
    ("postgres", 150.0),
    ("postgresql", 150.0),
    ("proj", 120.0),
    ("protobuf", 250.0),
    ("proxysql", 300.0),
    ("python", 120.0),
    ("pytorch", 20000.0),
    ("qemu", 1200.0),
    ("qt", 10000.0),
    ("qt5", 10000.0),
    ("qt6", 10000.0),
    ("quantlib", 1500.0),
    ("quickjs", 15.0),
    ("r-base", 250.0),
    ("re2", 25.0),
    ("readline", 8.0),
    ("redis", 69.0),
    ("rocksdb", 1200.0),
    ("ruby", 150.0),
    ("rust", 8000.0),
    ("s2n", 30.0),
    ("samtools", 12.0),
    ("sdl2", 60.0),
    ("snappy", 6.0),
    ("spdlog", 25.0),
    ("sqlite", 20.0),
    ("squid", 500.0),
    ("srt", 40.0),
    ("su-exec", 1.0),
    ("supercollider", 400.0),
    ("suricata", 250.0),
    ("svt-av1", 250.0),
    ("swig", 45.0),
    ("tcl", 30.0),
    ("tdlib", 800.0),
    ("telegram-bot-api", 900.0),
    ("tensorflow", 30000.0),
    ("tesseract", 150.0),
    ("theora", 8.0),
    ("thrift", 150.0),
    ("tini", 1.0),
    ("tmux", 12.0),
    ("tor", 90.0),
    ("unbound", 40.0),
    ("unixodbc", 25.0),
    ("util-linux", 60.0),
    ("uwsgi", 20.0),
    ("v8", 8000.0),
    ("valgrind", 150.0),
    ("varnish", 60.0),
    ("vim", 45.0),
    ("vips", 60.0),
    ("vlc", 700.0),
    ("vorbis", 5.0),
    ("watchman", 400.0),
    ("wget", 25.0),
    ("wireshark", 900.0),
    ("wolfssl", 40.0),
    ("wxwidgets", 500.0),
    ("x264", 35.0),
    ("x265", 150.0),
    ("xapian", 60.0),
    ("xmlsec", 12.0),
    ("yara", 20.0),
    ("yasm", 6.0),
    ("z3", 700.0),
    ("zeek", 2500.0),
    ("zeromq", 34.0),
    ("zlib", 2.0),
    ("zstd", 26.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_known_by_their_names() {
        assert!(FETCHED.is_sorted_by(|a, b| a.0 < b.0));
        for (folder, name) in [
            ("/tmp/ffmpeg-6.1", "ffmpeg"),
            ("/usr/src/llvm-project/build", "llvm"),
            ("/opt/OpenSSL_1_1_1w", "openssl"),
            ("/src/pcre2-10.42", "pcre2"),
            ("/src/telegram-bot-api/build", "telegram-bot-api"),
            ("/Python-3.12.1", "python"),
            ("/src/$V/qt-everywhere-src", "qt"),
        ] {
            assert_eq!(nearest(folder).map(|(name, _)| name), Some(name), "{folder}");
        }
        assert!(is_source("https://github.com/llvm/llvm-project.git"));
        assert!(is_source("https://ffmpeg.org/releases/ffmpeg-6.1.tar.gz"));
        assert!(!is_source("https://nodejs.org/dist/v20.1.0/node-v20.1.0-linux-x64.tar.xz"));
        for folder in ["", "/", "/src", "/src/mygit", "/usr/src/app"] {
            assert_eq!(nearest(folder), None, "{folder}");
        }
    }
}
