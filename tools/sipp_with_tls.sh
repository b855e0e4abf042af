#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Fetch a SIPp that speaks TLS: sipp_with_tls.sh FOLDER; afterwards FOLDER/sipp is it.
#
# Debian 12 builds its SIPp without TLS, Debian 13 with a library that it does not get on with, Debian 14 with
# OpenSSL.  That package is unpacked here with the libraries that it wants, the C library included, of the mirror
# that this machine's own packages come from; nothing is installed.
set -eu

suite=forky
folder=$1
mkdir -p "$folder/sources" "$folder/lists/partial" "$folder/archives/partial" "$folder/root"
folder=$(cd "$folder" && pwd)

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -1)
if [ -z "$mirror" ]; then
	echo "sipp_with_tls: apt knows no mirror of Debian (is this Debian, and was apt-get update run?)" >&2
	exit 1
fi
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
	>"$folder/sources/$suite.list"
: >"$folder/status"

# An apt of its own: it knows that suite only, and believes that nothing is installed.
of_its_own() {
	apt-get -q \
		-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/sources" \
		-o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$folder/lists" \
		-o Dir::State::status="$folder/status" -o Dir::Cache::archives="$folder/archives" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=true \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

log=$folder/log
if ! of_its_own update >"$log" 2>&1 ||
	! of_its_own install -y --no-install-recommends --download-only sip-tester >>"$log" 2>&1; then
	tail -3 "$log" >&2
	echo "sipp_with_tls: $mirror gives no sip-tester of $suite" >&2
	exit 1
fi
for package in "$folder"/archives/*.deb; do
	dpkg-deb -x "$package" "$folder/root"
done
rm -rf "$folder/archives" "$folder/lists" "$folder/sources" "$folder/status"

libraries=$folder/root/usr/lib/$(uname -m)-linux-gnu
loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux-*' | head -1)
cat >"$folder/sipp" <<EOF
#!/bin/sh
exec "$loader" --library-path "$libraries" "$folder/root/usr/bin/sipp" "\$@"
EOF
chmod +x "$folder/sipp"
"$folder/sipp" -v | grep -q TLS || { echo "sipp_with_tls: that SIPp has no TLS either" >&2; exit 1; }
