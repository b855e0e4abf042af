# SPDX-License-Identifier: BSD-2-Clause
# Completion for bash: `res_sip` itself says what may come next, and asks the running
# server for names.  What it says is never evaluated.
_res_sip()
{
	local line word
	COMPREPLY=()
	while IFS= read -r line; do
		printf -v word '%q' "$line"
		COMPREPLY+=("$word")
	done < <(timeout 2 "$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | sort -u)
}
complete -o bashdefault -o default -F _res_sip res_sip
