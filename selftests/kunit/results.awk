# SPDX-License-Identifier: GPL-2.0
# KUnit's lines in a kernel's log as KTAP that has a plan at every level: for
# parameters neither 6.1 nor 7.3 prints one in advance, but both count them
# afterwards. Variable suites is how many there must be.

function hold(line) { held = held line "\n" }

function release() {
	if (parameters)
		printf "        1..%d\n", counted ? counted : 1
	printf "%s", held
	held = ""
	parameters = counted = 0
}

BEGIN {
	print "KTAP version 1"
	print "1.." suites
}

/^ *KTAP version/ || /^1\.\./ { next }
/^        (not )?ok / { parameters++; hold($0); next }
/^    # [a-z0-9_]+: pass:/ { counted = $NF; sub(/.*:/, "", counted); hold($0); next }
/^    1\.\./ { release(); print; next }
/^    (not )?ok / { release(); print; next }
/^(not )?ok / {
	release()
	failed += /^not/
	sub(/ok [0-9]+/, "ok " ++number)
	print
	next
}
/^ *#/ { hold($0); next }
{ hold("# " $0) }

END {
	release()
	exit failed || number != suites
}
