//! What packages of Debian bring with them.
//!
//! A data file in Rust, made from Debian 12's package index by `tests/data/projects/debian.py` on 2026-11-29: what is installed
//! beyond `debian:12-slim`. Sorted by name.

/// A package with all that is installed with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closure {
    /// Packages, itself included.
    pub packages: f64,
    /// Megabytes to download.
    pub download: f64,
    /// Megabytes on disk.
    pub unpacked: f64,
}

/// What installing a package of Debian or Ubuntu brings; `None` for one that the table does not have.
pub fn debian(name: &str, recommended: bool) -> Option<Closure> {
    // `curl=7.88.1-10`, `libc6-dev:arm64`, `vim/bookworm`.
    let name = name.split(['=', ':', '/']).next().unwrap_or(name);
    let at = DEBIAN.binary_search_by(|row| row.0.cmp(name)).ok()?;
    let (_, packages, download, unpacked, all_packages, all_download, all_unpacked) = DEBIAN[at];
    Some(if recommended {
        Closure { packages: f64::from(all_packages), download: all_download, unpacked: all_unpacked }
    } else {
        Closure { packages: f64::from(packages), download, unpacked }
    })
}

/// What installing a package of Alpine brings; `None` for one that neither the table nor the list of those that differ has.
///
/// Source: a guess, Debian's closure of the same software without what is recommended; Alpine's packages are fewer, and come without
/// documentation and headers.
pub fn alpine(name: &str) -> Option<Closure> {
    const PACKAGES: f64 = 0.6;
    const MEGABYTES: f64 = 0.7;
    let name = name.split(['=', '<', '>', '~', '@']).next().unwrap_or(name);
    let same = ALPINE.iter().find(|(alpine, _)| *alpine == name).map_or(name, |(_, debian)| debian);
    let Closure { packages, download, unpacked } = debian(same, false)?;
    Some(Closure {
        packages: packages * PACKAGES,
        download: download * MEGABYTES,
        unpacked: unpacked * MEGABYTES,
    })
}

/// Packages of Alpine, and what the same is called in Debian.
const ALPINE: &[(&str, &str)] = &[
    ("build-base", "build-essential"),
    ("go", "golang-go"),
    ("jpeg-dev", "libjpeg-dev"),
    ("libxml2-dev", "libxml2-dev"),
    ("mariadb-dev", "default-libmysqlclient-dev"),
    ("musl-dev", "libc6-dev"),
    ("openjdk11", "default-jdk"),
    ("openjdk17", "default-jdk"),
    ("openjdk21", "default-jdk"),
    ("openssl-dev", "libssl-dev"),
    ("postgresql-dev", "libpq-dev"),
    ("py3-pip", "python3-pip"),
    ("rust", "rustc"),
    ("zlib-dev", "zlib1g-dev"),
];

/// The name; packages, megabytes to download and on disk; the same with what is recommended.
const DEBIAN: &[(&str, u32, f64, f64, u32, f64, f64)] = &[
    ("autoconf", 2, 0.6, 2.7, 4, 1.5, 4.7),
    ("automake", 4, 1.5, 4.7, 4, 1.5, 4.7),
    ("bc", 1, 0.1, 0.2, 1, 0.1, 0.2),
    ("binutils", 8, 6.5, 33.6, 8, 6.5, 33.6),
    ("bison", 2, 1.5, 3.8, 2, 1.5, 3.8),
    ("build-essential", 50, 68.5, 266.5, 117, 94.6, 343.1),
    ("bzip2", 1, 0.0, 0.1, 1, 0.0, 0.1),
    ("ca-certificates", 3, 3.6, 8.7, 3, 3.6, 8.7),
    ("cargo", 64, 153.0, 658.8, 141, 251.8, 1196.5),
    ("ccache", 2, 0.7, 1.8, 2, 0.7, 1.8),
    ("chromium", 175, 199.0, 704.9, 385, 262.3, 963.0),
    ("chrpath", 1, 0.0, 0.0, 1, 0.0, 0.0),
    ("clang", 49, 84.3, 401.4, 136, 178.0, 937.4),
    ("clang-format", 29, 59.7, 258.5, 33, 61.3, 261.6),
    ("cmake", 27, 26.4, 93.4, 104, 95.3, 351.1),
    ("cpio", 1, 0.2, 1.1, 1, 0.2, 1.1),
    ("cron", 3, 0.1, 0.3, 28, 8.2, 19.6),
    ("curl", 16, 4.2, 11.7, 22, 6.1, 15.4),
    ("dbus", 8, 0.9, 2.0, 8, 0.9, 2.0),
    ("default-jdk", 118, 198.4, 579.1, 192, 217.1, 649.1),
    ("default-jre", 114, 124.2, 499.5, 176, 140.5, 562.1),
    ("default-jre-headless", 35, 58.1, 223.5, 49, 70.8, 278.8),
    ("default-libmysqlclient-dev", 24, 11.3, 44.3, 61, 28.0, 101.2),
    ("dnsutils", 22, 15.0, 52.4, 23, 15.0, 52.7),
    ("docker.io", 16, 65.9, 259.2, 123, 109.7, 432.4),
    ("dpkg-dev", 14, 9.5, 40.5, 117, 94.6, 343.1),
    ("emacs-nox", 49, 80.0, 297.1, 138, 119.2, 454.4),
    ("exiftool", 1, 3.9, 23.0, 8, 4.4, 24.6),
    ("ffmpeg", 201, 133.9, 470.1, 242, 186.2, 622.9),
    ("file", 3, 0.5, 8.4, 3, 0.5, 8.4),
    ("flex", 2, 0.7, 1.9, 81, 70.3, 263.1),
    ("fontconfig", 8, 3.3, 7.2, 8, 3.3, 7.2),
    ("fonts-liberation", 1, 0.8, 2.1, 1, 0.8, 2.1),
    ("fonts-noto", 2, 12.2, 42.6, 10, 300.9, 770.9),
    ("fonts-noto-cjk", 1, 56.5, 91.0, 1, 56.5, 91.0),
    ("g++", 43, 65.5, 259.6, 80, 82.1, 316.5),
    ("g++-aarch64-linux-gnu", 30, 59.5, 227.5, 30, 59.5, 227.5),
    ("gcc", 24, 45.3, 174.8, 77, 69.4, 260.9),
    ("gcc-aarch64-linux-gnu", 25, 44.2, 168.9, 27, 47.4, 175.9),
    ("gcc-arm-linux-gnueabihf", 21, 38.1, 135.4, 23, 41.1, 142.4),
    ("gcc-multilib", 64, 72.9, 283.6, 101, 89.5, 340.6),
    ("gdb", 39, 26.1, 94.3, 51, 38.0, 125.8),
    ("gettext", 5, 11.6, 44.8, 27, 17.8, 60.2),
    ("gfortran", 44, 64.5, 246.8, 81, 81.2, 303.8),
    ("ghostscript", 52, 26.0, 80.8, 62, 28.8, 90.7),
    ("git", 19, 13.4, 58.7, 40, 18.2, 73.3),
    ("git-lfs", 20, 16.9, 69.6, 41, 21.7, 84.2),
    ("gnupg", 20, 9.1, 18.5, 24, 11.3, 25.0),
    ("golang", 8, 81.2, 454.1, 92, 163.4, 770.9),
    ("golang-go", 4, 81.1, 453.4, 88, 163.3, 770.2),
    ("gosu", 1, 0.8, 2.2, 1, 0.8, 2.2),
    ("gperf", 1, 0.1, 0.3, 1, 0.1, 0.3),
    ("graphviz", 67, 22.3, 74.3, 73, 34.8, 128.7),
    ("gstreamer1.0-plugins-good", 120, 46.7, 165.1, 142, 52.0, 182.8),
    ("haproxy", 6, 4.3, 11.1, 6, 4.3, 11.1),
    ("htop", 4, 0.4, 1.0, 5, 0.4, 1.1),
    ("imagemagick", 43, 25.4, 94.0, 113, 59.4, 210.1),
    ("inkscape", 174, 96.2, 388.3, 246, 134.8, 533.0),
    ("iproute2", 15, 4.3, 13.6, 18, 4.4, 14.1),
    ("iptables", 9, 0.6, 3.1, 14, 1.2, 4.8),
    ("iputils-ping", 2, 0.1, 0.3, 3, 0.1, 0.3),
    ("jq", 3, 0.4, 1.1, 3, 0.4, 1.1),
    ("lcov", 27, 45.5, 175.6, 84, 69.9, 262.3),
    ("less", 1, 0.1, 0.3, 1, 0.1, 0.3),
    ("libaio1", 1, 0.0, 0.0, 1, 0.0, 0.0),
    ("libasound2", 2, 0.4, 1.4, 4, 0.4, 2.5),
    ("libavcodec-dev", 90, 60.9, 216.3, 127, 111.2, 435.6),
    ("libboost-all-dev", 219, 149.0, 800.8, 264, 167.4, 875.0),
    ("libboost-dev", 28, 28.0, 223.3, 65, 44.7, 280.2),
    ("libbz2-dev", 17, 7.5, 29.2, 55, 24.7, 86.8),
    ("libc6-dev", 16, 7.5, 29.1, 53, 24.1, 86.1),
    ("libcairo2-dev", 98, 33.4, 119.0, 130, 58.5, 212.1),
    ("libcurl4-openssl-dev", 16, 4.4, 13.0, 22, 6.3, 16.7),
    ("libffi-dev", 1, 0.1, 0.3, 1, 0.1, 0.3),
    ("libfreetype6-dev", 24, 10.6, 36.4, 59, 26.4, 91.4),
    ("libgdal-dev", 196, 134.9, 734.7, 246, 187.0, 926.5),
    ("libgl1", 41, 51.2, 211.0, 41, 51.2, 211.0),
    ("libglib2.0-0", 1, 1.4, 4.1, 6, 13.5, 57.0),
    ("libgtk-3-0", 102, 47.1, 174.0, 118, 52.7, 202.7),
    ("libgtk-3-dev", 278, 135.7, 532.5, 309, 152.8, 597.7),
    ("libicu-dev", 19, 27.4, 113.8, 56, 44.1, 170.7),
    ("libjpeg-dev", 19, 8.0, 31.0, 55, 24.5, 87.3),
    ("libldap2-dev", 5, 0.6, 2.4, 8, 2.7, 8.8),
    ("liblzma-dev", 1, 0.3, 0.7, 1, 0.3, 0.7),
    ("libmagic1", 2, 0.4, 8.4, 2, 0.4, 8.4),
    ("libmagickwand-dev", 190, 85.3, 322.0, 268, 161.8, 599.0),
    ("libmariadb-dev", 22, 11.3, 44.2, 59, 28.0, 101.1),
    ("libncurses-dev", 19, 8.0, 32.2, 57, 24.7, 89.2),
    ("libnss3", 3, 2.3, 6.1, 3, 2.3, 6.1),
    ("libopenblas-dev", 6, 12.7, 103.8, 6, 12.7, 103.8),
    ("libopencv-dev", 373, 246.8, 1049.4, 473, 298.1, 1271.1),
    ("libpango1.0-dev", 131, 65.9, 223.8, 162, 81.6, 280.7),
    ("libpcre3-dev", 21, 9.1, 33.3, 58, 25.8, 90.2),
    ("libpng-dev", 19, 9.0, 31.7, 56, 25.5, 88.4),
    ("libpq-dev", 12, 5.7, 22.4, 15, 5.8, 23.1),
    ("libpq5", 10, 3.1, 9.6, 13, 3.2, 10.3),
    ("libprotobuf-dev", 20, 10.9, 46.4, 57, 27.5, 103.4),
    ("libqt5widgets5", 98, 72.8, 280.3, 187, 108.3, 437.4),
    ("librdkafka-dev", 6, 3.7, 13.0, 7, 3.7, 13.3),
    ("libreadline-dev", 20, 8.2, 33.0, 58, 24.9, 90.0),
    ("libreoffice", 189, 193.6, 643.6, 737, 626.3, 2225.9),
    ("libsasl2-dev", 19, 7.8, 30.2, 57, 24.5, 87.5),
    ("libsm6", 5, 0.5, 0.7, 5, 0.5, 0.7),
    ("libsnappy-dev", 2, 0.1, 0.2, 2, 0.1, 0.2),
    ("libsqlite3-dev", 18, 9.3, 33.9, 55, 26.0, 90.9),
    ("libssl-dev", 2, 4.5, 18.2, 2, 4.5, 18.2),
    ("libtool", 45, 53.7, 213.7, 87, 72.4, 276.6),
    ("libusb-1.0-0-dev", 2, 0.1, 0.5, 3, 0.3, 2.1),
    ("libvips-dev", 274, 122.0, 466.7, 358, 201.8, 754.9),
    ("libvips42", 96, 47.8, 165.0, 141, 71.6, 247.1),
    ("libwebp-dev", 4, 0.9, 1.9, 4, 0.9, 1.9),
    ("libx11-dev", 15, 3.2, 9.4, 15, 3.2, 9.4),
    ("libxext6", 7, 1.4, 3.9, 7, 1.4, 3.9),
    ("libxml2-dev", 21, 28.9, 118.9, 58, 45.5, 175.9),
    ("libxrender1", 7, 1.4, 3.8, 7, 1.4, 3.8),
    ("libxslt1-dev", 23, 29.4, 122.0, 60, 46.1, 178.9),
    ("libyaml-dev", 2, 0.1, 0.4, 2, 0.1, 0.4),
    ("libzmq3-dev", 39, 31.7, 130.0, 76, 48.3, 186.9),
    ("libzstd-dev", 1, 0.4, 1.2, 1, 0.4, 1.2),
    ("lld", 8, 40.5, 173.4, 8, 40.5, 173.4),
    ("llvm", 31, 59.4, 243.2, 109, 146.5, 738.1),
    ("locales", 2, 4.6, 20.2, 2, 4.6, 20.2),
    ("lsb-release", 1, 0.0, 0.0, 1, 0.0, 0.0),
    ("lsof", 9, 3.0, 8.7, 10, 3.1, 9.0),
    ("make", 1, 0.4, 1.6, 1, 0.4, 1.6),
    ("mariadb-client", 10, 6.4, 85.1, 14, 7.3, 87.6),
    ("maven", 67, 68.1, 236.2, 81, 80.9, 291.5),
    ("mercurial", 24, 12.4, 48.0, 41, 16.7, 61.4),
    ("meson", 26, 10.9, 40.6, 133, 103.2, 375.6),
    ("musl-tools", 27, 46.3, 178.7, 80, 70.4, 264.8),
    ("nano", 2, 0.8, 3.2, 3, 0.8, 3.3),
    ("nasm", 1, 0.4, 3.3, 1, 0.4, 3.3),
    ("net-tools", 1, 0.2, 1.0, 1, 0.2, 1.0),
    ("netcat-openbsd", 2, 0.2, 0.3, 2, 0.2, 0.3),
    ("nginx", 17, 4.9, 15.3, 20, 5.1, 15.7),
    ("ninja-build", 1, 0.1, 0.4, 1, 0.1, 0.4),
    ("nodejs", 13, 23.4, 96.7, 16, 28.6, 114.6),
    ("npm", 385, 46.4, 229.7, 791, 254.2, 1059.7),
    ("openjdk-17-jdk", 114, 198.4, 579.1, 188, 217.0, 649.1),
    ("openjdk-17-jdk-headless", 35, 129.8, 300.5, 49, 142.5, 355.9),
    ("openjdk-17-jre-headless", 34, 58.1, 223.5, 48, 70.8, 278.8),
    ("openssh-client", 11, 3.9, 14.6, 20, 5.4, 18.6),
    ("openssh-server", 24, 5.6, 20.2, 59, 14.8, 50.0),
    ("openssl", 2, 3.5, 8.3, 2, 3.5, 8.3),
    ("p7zip-full", 2, 1.9, 6.8, 2, 1.9, 6.8),
    ("pandoc", 4, 21.9, 169.9, 4, 21.9, 169.9),
    ("patch", 1, 0.1, 0.2, 1, 0.1, 0.2),
    ("patchelf", 1, 0.1, 0.2, 1, 0.1, 0.2),
    ("php-cli", 19, 16.1, 69.8, 19, 16.1, 69.8),
    ("pkg-config", 4, 0.1, 0.3, 4, 0.1, 0.3),
    ("poppler-utils", 32, 11.3, 28.2, 33, 12.9, 41.3),
    ("postgresql", 31, 67.8, 264.1, 79, 79.7, 296.6),
    ("postgresql-client", 15, 4.9, 18.2, 18, 5.1, 18.8),
    ("procps", 3, 0.9, 2.7, 5, 1.2, 3.7),
    ("protobuf-compiler", 3, 1.8, 6.5, 59, 28.4, 106.5),
    ("python3", 20, 9.2, 32.1, 24, 10.9, 35.1),
    ("python3-dev", 39, 23.1, 91.4, 79, 41.3, 150.8),
    ("python3-numpy", 26, 17.8, 70.2, 30, 19.5, 73.2),
    ("python3-opencv", 326, 210.8, 826.3, 416, 255.3, 1026.7),
    ("python3-pip", 28, 13.2, 46.2, 144, 112.9, 416.1),
    ("python3-setuptools", 24, 10.2, 36.7, 28, 11.9, 39.7),
    ("python3-venv", 28, 13.8, 38.9, 30, 13.9, 39.2),
    ("qemu-user-static", 1, 62.6, 379.2, 21, 71.1, 404.6),
    ("qtbase5-dev", 144, 87.2, 362.1, 234, 132.0, 556.6),
    ("redis-server", 7, 3.4, 13.0, 7, 3.4, 13.0),
    ("rsync", 4, 2.5, 7.1, 4, 2.5, 7.1),
    ("rsyslog", 4, 0.8, 2.2, 34, 9.2, 22.2),
    ("ruby", 18, 10.6, 37.4, 24, 14.0, 50.9),
    ("ruby-dev", 22, 12.5, 43.1, 29, 18.4, 74.2),
    ("ruby-full", 25, 15.0, 60.7, 31, 18.4, 74.2),
    ("rustc", 49, 147.2, 640.8, 141, 251.8, 1196.5),
    ("socat", 11, 3.2, 10.0, 12, 3.3, 10.3),
    ("software-properties-common", 100, 41.5, 155.2, 125, 49.7, 178.1),
    ("sqlite3", 2, 1.2, 2.2, 2, 1.2, 2.2),
    ("squashfs-tools", 2, 0.2, 0.6, 2, 0.2, 0.6),
    ("strace", 2, 1.4, 3.0, 2, 1.4, 3.0),
    ("subversion", 16, 6.3, 20.5, 18, 6.5, 21.1),
    ("sudo", 1, 1.9, 6.1, 1, 1.9, 6.1),
    ("supervisor", 23, 9.8, 34.9, 27, 11.5, 37.9),
    ("swig", 2, 1.7, 5.9, 2, 1.7, 5.9),
    ("systemd", 12, 7.6, 23.3, 20, 8.5, 25.3),
    ("tcpdump", 4, 2.9, 8.2, 11, 3.5, 9.7),
    ("tesseract-ocr", 62, 33.0, 98.4, 71, 36.9, 116.9),
    ("texinfo", 11, 12.5, 52.9, 55, 20.2, 79.2),
    ("texlive", 53, 72.5, 221.2, 332, 279.8, 919.1),
    ("texlive-full", 515, 3888.8, 7068.4, 826, 4155.7, 8016.8),
    ("texlive-latex-base", 50, 58.7, 179.7, 325, 246.4, 831.5),
    ("texlive-latex-extra", 78, 117.3, 399.4, 406, 417.6, 1437.8),
    ("texlive-xetex", 81, 132.4, 421.1, 408, 429.6, 1454.7),
    ("tini", 1, 0.3, 0.7, 1, 0.3, 0.7),
    ("tk-dev", 87, 30.6, 109.7, 161, 104.2, 373.1),
    ("tmux", 3, 0.6, 1.5, 3, 0.6, 1.5),
    ("tree", 1, 0.1, 0.1, 1, 0.1, 0.1),
    ("unzip", 1, 0.2, 0.4, 1, 0.2, 0.4),
    ("uuid-dev", 17, 7.5, 29.2, 54, 24.2, 86.2),
    ("valgrind", 2, 21.7, 88.7, 53, 116.3, 271.2),
    ("vim", 5, 8.9, 40.8, 6, 9.0, 40.9),
    ("vim-tiny", 2, 0.8, 1.9, 3, 0.9, 2.1),
    ("wget", 2, 1.0, 3.6, 6, 4.8, 12.7),
    ("wkhtmltopdf", 124, 96.1, 376.3, 279, 156.3, 609.0),
    ("xvfb", 63, 60.3, 231.0, 68, 67.0, 239.4),
    ("xz-utils", 1, 0.5, 1.2, 1, 0.5, 1.2),
    ("yasm", 1, 0.4, 2.1, 1, 0.4, 2.1),
    ("zip", 1, 0.2, 0.6, 2, 0.4, 1.0),
    ("zlib1g-dev", 17, 8.4, 30.4, 54, 25.0, 87.4),
    ("zsh", 2, 5.1, 18.9, 5, 5.5, 20.0),
    ("zstd", 1, 0.7, 2.1, 1, 0.7, 2.1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_bring_others() {
        assert!(DEBIAN.is_sorted_by(|a, b| a.0 < b.0));
        let texlive = debian("texlive-full", false).unwrap();
        assert!(texlive.packages > 300.0 && texlive.unpacked > 5000.0);
        assert_eq!(debian("curl=7.88", false), debian("curl", false));
        assert!(debian("git", true).unwrap().packages > debian("git", false).unwrap().packages);
        assert_eq!(debian("no-such-package", false), None);
    }
}
