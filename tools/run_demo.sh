#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The demo: two phones on the given port.  Its configuration is written once, into demo/, with
# random passwords; delete the folder to have new ones.
set -eu
cd "$(dirname "$0")/.."
port=$1
umask 077

fail() {
	echo "run: $*" >&2
	exit 1
}

case $port in
'' | *[!0-9]*) fail "PORT=$port is not a number" ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail "PORT=$port is not between 1 and 65535"

# Root is given up after binding: to whom the checkout belongs, or to nobody.
user=$(stat -c %U .)
[ "$user" != root ] && [ "$user" != UNKNOWN ] || user=nobody
as_root=
if [ "$(id -u)" -ne 0 ]; then
	user=
	if [ "$port" -lt 1024 ]; then
		command -v sudo >/dev/null || fail "port $port needs root"
		as_root=sudo
		user=$(id -un)
	fi
fi

password() {
	od -An -N12 -tx1 /dev/urandom | tr -d ' \n'
}

mkdir -p demo
if [ ! -f demo/passwords ]; then
	printf '6001 %s\n6002 %s\n' "$(password)" "$(password)" >demo/passwords
	echo "run: made passwords for 6001 and 6002, they are kept in demo/passwords"
fi

phone() {
	cat <<END

[$1]
type=endpoint
auth=$1
aors=$1

[$1]
type=auth
auth_type=userpass
username=$1
password=$2

[$1]
type=aor
max_contacts=5
END
}

listener() {
	cat <<END

[$1]
type=transport
protocol=udp
bind=$2
END
}

address=$(ip -4 -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4; exit }')
[ -n "$address" ] || address=$(hostname -I 2>/dev/null | awk '{ print $1 }')
[ -n "$address" ] || address=127.0.0.1

has_ipv6=no
! grep -q . /proc/net/if_inet6 2>/dev/null || has_ipv6=yes
{
	cat <<'END'
; The demo's configuration, written anew at each `make run`.  The passwords are kept in demo/passwords.
[global]
type=global
log_level=info
END
	# Ours whatever the port: some phones leave it out of the addresses that they write.
	for domain in "$address" 127.0.0.1 localhost; do
		echo "domain=$domain"
	done | sort -u
	listener udp "0.0.0.0:$port"
	[ $has_ipv6 = no ] || listener udp6 "[::]:$port"
	while read -r name secret; do
		phone "$name" "$secret"
	done <demo/passwords
} >demo/res_sip.conf

if [ -n "$user" ]; then
	$as_root chown -R "$user" demo
fi

echo "run: type this into two phones (or one phone and a softphone):"
while read -r name secret; do
	echo "       server $address:$port   transport UDP   user $name   password $secret"
done <demo/passwords
echo "run: then call 6002 from 6001.  Ctrl-C stops the server; from another shell:"
echo "       build/res_sip show contacts -c demo      build/res_sip trace -c demo"
exec $as_root build/res_sip run -c demo ${user:+--user "$user"}
