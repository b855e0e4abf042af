#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The README, followed to the letter on the barest Debian 12: its commands are taken out of
# README.md, run in a fresh chroot as root, and two baresips talk there.  Takes minutes, needs
# root, debootstrap and this machine's Debian mirror; not a part of `make test`.
#
#     tools/fresh_debian.sh [FOLDER]
#
# FOLDER is made (a temporary one without it) and removed at the end, unless KEEP=1.
set -eu
cd "$(dirname "$0")/.."
checkout=$(pwd)

say() {
	echo "fresh_debian: $*"
}

fail() {
	echo "fresh_debian: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "a chroot needs root"
for program in debootstrap git python3 chroot setsid; do
	command -v "$program" >/dev/null || fail "$program is missing"
done

# The fenced blocks of README.md that are a shell's, one command a line, without comments.
commands() {
	awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside && NF && !/^#/' README.md
}
run=$(commands | grep -x 'make run' || true)
test=$(commands | grep -x 'make test' || true)
[ -n "$run" ] && [ -n "$test" ] || fail "README.md has no \`make run\` and \`make test\` any more"
questions=$(commands | grep '^build/res_sip .*-c demo' || true)
[ -n "$questions" ] || fail "README.md asks the demo nothing any more"

# What apt uses here: a line per Debian suite, whichever of its two formats it is written in.
sources() {
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT) $(CREATED_BY)' |
		awk '$4 == "Packages" && $2 ~ /^(bookworm|oldstable|stable)(-updates|-security)?$/ {
			print $1, $2, $3 }' | sort -u
}
mirror=$(sources | awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || fail "apt has no bookworm main here"

made=
if [ $# -gt 0 ]; then
	[ ! -e "$1" ] || fail "$1 is there already: it would be removed at the end"
	mkdir -p "$1"
	root=$(cd "$1" && pwd)
else
	root=$(mktemp -d)
fi
chmod 755 "$root"

job=
clean_up() {
	status=$?
	trap - EXIT INT TERM
	if [ -n "$job" ]; then
		kill -- "-$(cat "$root/root/run.pid")" 2>/dev/null || true
		wait "$job" 2>/dev/null || true
	fi
	for mount in $made; do
		umount -R -l "$mount" || true
	done
	if [ "${KEEP:-0}" = 1 ]; then
		say "kept: $root"
	else
		rm -rf --one-file-system "$root"
	fi
	exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say "debootstrap into $root"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
	tail -5 "$root.log" >&2
	fail "debootstrap failed"
}
rm -f "$root.log"
sources | awk '{ print "deb", $1, $2, $3 }' >"$root/etc/apt/sources.list"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*proxy*; do
	[ ! -f "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
done
mount -t proc proc "$root/proc"
made="$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
made="$root/dev $made"

inside() {
	${group:-} chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		${http_proxy:+http_proxy="$http_proxy"} sh -c "$1"
}

# What whoever has a checkout had before it: git, make.  git takes it out of the folder here.
say "git clone into /root/res_sip"
inside 'apt-get update && apt-get install -y --no-install-recommends git make' \
	>"$root/var/log/first.log" 2>&1 || {
	tail -5 "$root/var/log/first.log" >&2
	fail "git and make can't be installed there"
}
git clone -q "$checkout" "$root/root/res_sip" || fail "git clone failed"

# A machine may have the port of the demo already: then another, as README.md says.
port=5060
if python3 - <<'END'
import socket, sys
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    probe.bind(("0.0.0.0", 5060))
except OSError:
    sys.exit(0)
sys.exit(1)
END
then
	port=5080
	run="$run PORT=$port"
	grep -q "make run PORT=$port" README.md ||
		fail "port 5060 is taken, and README.md does not say \`make run PORT=$port\`"
fi

say "$run"
log=$root/root/run.log
# In a process group of its own, whose number is that of its first process.
group=setsid
inside "echo \$\$ >/root/run.pid && cd /root/res_sip && exec $run" >"$log" 2>&1 &
job=$!
group=
waited=0
until grep -q ' serves$' "$log"; do
	kill -0 "$job" 2>/dev/null || {
		job=
		tail -20 "$log" >&2
		fail "\`$run\` has ended"
	}
	[ "$waited" -lt 900 ] || fail "\`$run\` does not serve after $waited s"
	waited=$((waited + 1))
	sleep 1
done
grep '^run:\|^  ' "$log" | sed 's/password .*/password .../'

# The other command, as far as it prepares the machine; its tests take much longer than that.
say "the packages of \`$test\`"
inside 'cd /root/res_sip && tools/install_packages.sh build test' >"$root/root/test.log" 2>&1 || {
	tail -5 "$root/root/test.log" >&2
	fail "the packages of \`$test\` can't be installed"
}

say "two baresips"
inside "cd /root/res_sip && python3 tests/scenario/demo_call.py demo/passwords 127.0.0.1:$port" ||
	fail "the two baresips did not talk"

echo "$questions" | while read -r question; do
	say "$question"
	case $question in
	*trace*) # It does not end by itself.
		inside "cd /root/res_sip && timeout 2 $question" || [ $? -eq 124 ] ||
			fail "\`$question\` failed"
		;;
	*) inside "cd /root/res_sip && $question" || fail "\`$question\` failed" ;;
	esac
done
say "passed: README.md's commands make two phones talk"
