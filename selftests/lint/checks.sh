# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The static checks: a function each, run at the top of the tree. It prints what
# it finds, and fails if that is anything. Sourced by run.sh and selftest.
#
# scripts, of kernel-scripts, is where the kernel's own are. LINT_ONLY is a regular
# expression of the files that are looked at, LINT_SCRIPT one of coccinelle's.
# shellcheck disable=SC2154

lint=selftests/lint
# shellcheck source=selftests/kernels.sh
. selftests/kernels.sh
# shellcheck source=selftests/vm/clang.sh
. selftests/vm/clang.sh

core=(kmod/{hash,hop,params,slot,stack,tag}.c)
packages=(libnl-3.0 libnl-genl-3.0 json-c libsodium)
includes=(-Itools/include -Iuapi -Ikmod -Itools -Iselftests/unit)
user_flags=(-std=gnu11 -D_GNU_SOURCE '-DLABELHOP_VERSION="0"' '-DVECTORS="."' "${includes[@]}")

# chosen FILE...: those of them that LINT_ONLY asks for, a line each.
chosen() { printf '%s\n' "$@" | grep -E "${LINT_ONLY:-.}"; }

# tracked PATTERN...: the same of files that git knows and that are there, but of
# what is only data for fuzzers.
tracked() {
	local file
	git ls-files -- "$@" | grep -v /corpus/ | grep -E "${LINT_ONLY:-.}" | while read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

shell_files() {
	local file
	tracked | while read -r file; do
		[[ $file == *.sh ]] || head -n 1 "$file" |
			grep -qaE '^#!.*/(ba)?sh|^# shellcheck shell=' || continue
		printf '%s\n' "$file"
	done
}

# findings TOOL: of the lines on standard input, those that `allowed` does not
# let stand; fails if there are any.
findings() {
	awk -v tool="$1" -v top="$PWD/" '
	NR == FNR {
		if ($1 == tool) {
			type[++n] = $3
			file[n] = $2
		}
		next
	}
	{ if (index($0, top) == 1) $0 = substr($0, length(top) + 1) }
	{
		for (i = 1; i <= n; i++) {
			last = substr(file[i], length(file[i]))
			prefix = file[i] (last == "/" ? "" : ":")
			if (index($0, prefix) == 1 && index($0, type[i]))
				next
		}
		print
		bad = 1
	}
	END { exit bad }' "$lint/allowed" -
}

check_checkpatch() {
	tracked 'kmod/*.[ch]' 'uapi/*.h' 'tools/*.[ch]' 'selftests/*.[ch]' |
		xargs perl "$scripts/scripts/checkpatch.pl" --no-tree --strict --terse \
			--show-types --no-summary -f | findings checkpatch
}

check_kernel_doc() {
	tracked 'kmod/*.[ch]' 'tools/*.[ch]' |
		xargs perl "$scripts/scripts/kernel-doc" -Wall -none 2>&1 |
		grep -iE 'warning:|error:' | findings kernel-doc
}

# Compiled afresh: what is not compiled can't be warned about. In a place of its
# own, since other tests may be at work with what is in .build.
check_build() {
	local out
	export LABELHOP_BUILD=$PWD/.build/lint
	find "$LABELHOP_BUILD/$1" -name '*.o' -delete 2>/dev/null
	out=$(V=1 W=1 C=2 selftests/vm/build "$1" 2>&1) || { printf '%s\n' "$out"; return 1; }
	grep -q 'sparse .*kmod/main.c' <<<"$out" || { echo "sparse did not run"; return 1; }
	! grep -E 'warning:|error:' <<<"$out" || return
	# What the module gives away to the kernel's name space.
	! nm --defined-only -g "$LABELHOP_BUILD/$1/labelhop.o" | cut -d ' ' -f 3 |
		grep -vE '^(lh_|__?(pfx|cfi)_|(init|cleanup)_module$|__this_module$|__mod_|__SC[KT]__tp_func_labelhop|__(traceiter|tracepoint|probestub)_labelhop)'
}

# compile_for ARCHITECTURE RELEASE [VARIABLE...]: the whole module without a warning,
# with headers of Debian's that ./offered finds.
compile_for() {
	local headers out made
	made=$PWD/.build/lint/$(tr -dc 'a-z0-9.' <<<"$1$2")
	headers=$("$lint/offered" "$1" "$2" 2>&1) || { printf '%s\n' "$headers"; return 1; }
	shift 2
	rm -rf "$made"
	mkdir -p "$made"
	git ls-files -z Kbuild kmod uapi | xargs -0 cp --parents -t "$made"
	out=$(make -s --no-print-directory -C "${headers##*$'\n'}" M="$made" KCFLAGS=-g0 \
		CONFIG_DEBUG_INFO_BTF_MODULES= W=1 "$@" modules 2>&1) ||
		{ printf '%s\n' "$out"; return 1; }
	! grep -E 'warning:|error:' <<<"$out" || return
	rm -rf "$made"
}

# What the language leaves open another compiler does otherwise, and another
# architecture, here one of the other byte order. What is newest is built by check_build,
# so this is for the oldest that is offered: stable updates bring names that it lacks.
check_arm64() { compile_for arm64 '6\.12\..*' CROSS_COMPILE=aarch64-linux-gnu-; }
check_s390x() { compile_for s390x '6\.1\..*' CROSS_COMPILE=s390x-linux-gnu-; }

check_clang() {
	compile_for amd64 '6\.1\..*' "${clang_variables[@]}" \
		KCFLAGS='-g0 -Wno-unknown-warning-option'
}

# All that the archives offer today: half an hour.
check_offered() {
	local arch cross release status=0
	for arch in amd64: arm64:aarch64-linux-gnu- s390x:s390x-linux-gnu-; do
		cross=${arch#*:} arch=${arch%:*}
		for release in $("$lint/offered" --update "$arch"); do
			echo "# $release"
			# shellcheck disable=SC2086 # none, or one variable
			compile_for "$arch" "$release" ${cross:+CROSS_COMPILE=$cross} || status=1
		done
	done
	return "$status"
}

check_tools() {
	local out
	out=$(make -C tools -B OUT=../.build/lint/tools 2>&1) || { printf '%s\n' "$out"; return 1; }
	! grep -E 'warning:|error:' <<<"$out"
}

# The command for 32 bits, and by what a kernel that runs such programs says.
check_tools_32() (
	umask 077
	rm -rf .build/lint/tools-32
	local root out made=$PWD/.build/lint/tools-32 status=0
	root=$("$lint/i386" 2>&1) || { printf '%s\n' "$root"; return 1; }
	root=${root##*$'\n'}
	out=$(PKG_CONFIG_SYSROOT_DIR=$root \
		PKG_CONFIG_LIBDIR=$root/usr/lib/i386-linux-gnu/pkgconfig \
		make -C tools OUT="$made" CC=i686-linux-gnu-gcc \
		LDFLAGS="-static -L$root/lib/i386-linux-gnu" 2>&1) || { printf '%s\n' "$out"; return 1; }
	# The linker warns of what libnl never calls for us.
	! grep -E '\.[ch]:[0-9]+:.*(warning|error):' <<<"$out" || return
	"$made/labelhop" -V >"$made/version" 2>&1 || status=$?
	[ "$status" != 126 ] || return 0
	selftests/cli/known_answers.py "$made/labelhop" "$made" selftests/vectors &&
		selftests/cli/timeline.py "$made/labelhop" "$made" &&
		selftests/cli/random_sets.py "$made/labelhop" "$made" 30
)

# The scripts of the kernel, but those of coccinelle-skipped, each over all files.
check_coccinelle() {
	local script
	find "$scripts/scripts/coccinelle" -name "${LINT_SCRIPT:-*}.cocci" | sort |
		grep -vFf <(sed -n 's|^[^#]|/&|p' "$lint/coccinelle-skipped" | cut -d ' ' -f 1) |
		while read -r script; do
			# shellcheck disable=SC2046 # options and files are words
			spatch -D report --no-show-diff --very-quiet --timeout 600 -I kmod -I uapi \
				$(sed -n 's/^.*Options: *//p' "$script") \
				--cocci-file "$script" $(tracked 'kmod/*.c') 2>&1 </dev/null |
				grep -vE '^warning: line [0-9]+: should ' |
				sed "s|^\([^ ]*:\) *|\1 ${script##*/}: |"
		done | findings coccinelle
}

# style/variableScope would have variables declared in inner blocks; the kernel's
# style has them at the top. Its own macros are not known to cppcheck, which takes
# list_for_each_entry() for a function, hence only the pure files of kmod/.
check_cppcheck() {
	local system
	system=$(pkg-config --cflags "${packages[@]}")
	# shellcheck disable=SC2046,SC2086 # options and files are words
	cppcheck -q --enable=warning,style,performance,portability --std=c11 \
		--suppress=variableScope --suppress='*:/usr/include/*' \
		--template='{file}:{line}: {id}: {message}' \
		-D__GNUC__ "${user_flags[@]:1}" $system -I/usr/include \
		$(chosen "${core[@]}"; tracked 'tools/*.c' 'selftests/*.c') 2>&1 |
		findings cppcheck
}

# One file a run: several in one run confuse the analyzer's va_list checks.
check_clang_tidy() {
	local system
	system=$(pkg-config --cflags "${packages[@]}")
	# shellcheck disable=SC2086 # options are words
	{ chosen "${core[@]}"; tracked 'tools/*.c'; } | xargs -I FILE \
		clang-tidy --quiet FILE -- "${user_flags[@]}" $system 2>/dev/null |
		grep -E 'warning:|error:' | findings clang-tidy
}

# Not for the tests, in which it does not see that a check that fails ends them.
check_gcc_analyzer() {
	local system
	system=$(pkg-config --cflags "${packages[@]}")
	# shellcheck disable=SC2086 # options are words
	{ chosen "${core[@]}"; tracked 'tools/*.c'; } | xargs -I FILE \
		gcc-12 -O2 -fanalyzer -fdiagnostics-plain-output -S -o /dev/null \
		"${user_flags[@]}" $system FILE 2>&1 |
		grep -E 'warning:|error:' | findings gcc
}

check_shellcheck() { shell_files | xargs shellcheck -x -P SCRIPTDIR; }

# Where a page is that another page names, only an installed system can say.
check_mandoc() {
	tracked 'tools/man/*' | xargs mandoc -T lint -W warning |
		grep -v 'outdated mandoc.db' | findings mandoc
}

check_python() {
	local files
	mapfile -t files < <({ tracked '*.py'; tracked | xargs grep -lE '^#!.*python3'; } | sort -u)
	PYTHONPYCACHEPREFIX=$(mktemp -d) && export PYTHONPYCACHEPREFIX
	/usr/bin/python3 -m py_compile "${files[@]}" &&
		/usr/bin/python3 -m pyflakes "${files[@]}" | findings pyflakes
	local status=$?
	rm -rf "$PYTHONPYCACHEPREFIX"
	return "$status"
}

check_rst() {
	local file status=0
	for file in $(tracked 'Documentation/*.rst'); do
		rst2html --strict --report=info "$file" /dev/null || status=1
	done
	return "$status"
}

check_schema() {
	"$lint/schema.py" "$scripts/Documentation/netlink/genetlink-legacy.yaml" \
		Documentation/netlink/specs/labelhop.yaml
}

check_agreement() { selftests/cli/spec.py; }
check_decisions() { "$lint/decisions.py"; }
check_documents() { "$lint/documents.py"; }
check_layout() { "$lint/layout.py"; }
check_references() { "$lint/references.py"; }
check_packages() { "$lint/packages.py"; }
