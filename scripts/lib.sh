# What the scripts beside this file share. Source it; it does nothing by itself.

# say prints one line of progress to standard error.
say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# refuse prints one plain sentence and ends the script.
refuse() { printf '%s\n' "$*" >&2; exit 1; }

# newer NAME VERSION WANTED: is VERSION (like 1.26.8) at least WANTED?
newer() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_go() {
	command -v go >/dev/null 2>&1 || refuse "Go is not installed. Get Go 1.26 or newer from https://go.dev/dl and run this again."
	newer "$(go env GOVERSION | sed 's/^go//')" 1.26 || refuse "This Go is too old ($(go env GOVERSION)). Get Go 1.26 or newer from https://go.dev/dl and run this again."
}

need_node() {
	command -v node >/dev/null 2>&1 || refuse "Node.js is not installed. Get Node.js 20 or newer from https://nodejs.org and run this again."
	newer "$(node --version | sed 's/^v//')" 20 || refuse "This Node.js is too old ($(node --version)). Get Node.js 20 or newer from https://nodejs.org and run this again."
	command -v npm >/dev/null 2>&1 || refuse "npm is not installed. It comes with Node.js: https://nodejs.org."
}

# changed_since FILE PATH...: has anything under the paths changed since FILE was made?
changed_since() {
	local mark=$1; shift
	[ -e "$mark" ] || return 0
	[ -n "$(find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -newer "$mark" -print -quit)" ]
}
