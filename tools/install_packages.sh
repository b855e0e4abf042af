#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Install the Debian packages that are missing: install_packages.sh build|test|docs ...
#   build  what the library, the program and the modules are built with
#   test   what the tests need besides: phones, generators, the other compiler, valgrind
#   docs   what the pages of the headers are made with
set -eu

build='gcc libc6-dev make meson ninja-build pkg-config python3 libssl-dev liburcu-dev libc-ares-dev libwslay-dev libcmocka-dev'
test='clang clang-format libclang-rt-14-dev sip-tester baresip-core linphone-cli sipsak
	valgrind doxygen iproute2 nftables dnsmasq-base haproxy procps binutils git tshark
	chromium nodejs npm'
docs='doxygen python3'

wanted=
for kind in "$@"; do
	case $kind in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	docs) wanted="$wanted $docs" ;;
	*) echo "install: there is no list named $kind" >&2; exit 2 ;;
	esac
done

missing=
for package in $wanted; do
	# Others than Debian's nodejs have it in them, and refuse this package.
	[ "$package" != npm ] || ! command -v npm >/dev/null || continue
	if ! dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
		missing="$missing $package"
	fi
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "install: missing:$missing; root or sudo is needed to install them" >&2
		exit 1
	fi
	as_root=sudo
fi
if ! command -v apt-get >/dev/null; then
	echo "install: missing:$missing; there is no apt-get here, install them by your system's means" >&2
	exit 1
fi
echo "install:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! $as_root apt-get update >"$log" 2>&1 ||
	! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		$missing >>"$log" 2>&1; then
	tail -5 "$log" >&2
	echo "install: apt-get failed" >&2
	exit 1
fi
