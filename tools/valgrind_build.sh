#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A folder that looks like a build, whose program serves under valgrind's memcheck:
# valgrind_build.sh FOLDER BUILD.  Only `run` does; what asks a server is as fast as ever.  What
# valgrind finds makes the server end with 99, and stands in FOLDER/valgrind-PID.log.
set -eu
cd "$(dirname "$0")/.."
folder=$1
build=$(cd "$2" && pwd)

command -v valgrind >/dev/null || {
	echo "valgrind_build: valgrind is missing" >&2
	exit 1
}
mkdir -p "$folder"
for file in "$build"/*; do
	ln -sfn "$file" "$folder/$(basename "$file")"
done
rm -f "$folder/res_sip"
folder=$(cd "$folder" && pwd)
rm -f "$folder"/valgrind-*.log
cat >"$folder/res_sip" <<END_OF_PROGRAM
#!/bin/sh
[ "\${1-}" = run ] || exec "$build/res_sip" "\$@"
exec valgrind -q --error-exitcode=99 --leak-check=full --vgdb=no --num-callers=30 \\
	--show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible \\
	--keep-debuginfo=yes --suppressions="$PWD/tests/scenario/valgrind.supp" \\
	--log-file="$folder/valgrind-%p.log" "$build/res_sip" "\$@"
END_OF_PROGRAM
chmod +x "$folder/res_sip"
echo "valgrind_build: $folder/res_sip serves under valgrind"
