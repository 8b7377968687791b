#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: verdicts.sh CAPTURE PARAMS...
#
# What Wireshark's dissector says of each frame: its number, verdict, layout, payload and
# whether any dissector calls it malformed, separated by tabs.
set -eu
lua=$(cd "$(dirname "$0")/../.." && pwd -P)/tools/wireshark/labelhop.lua
capture=$1
shift
files=$(IFS=, && echo "$*")
exec tshark -n -X "lua_script:$lua" -o "labelhop.params:$files" \
	-o "labelhop.tolerance:${LABELHOP_TOLERANCE_US:-100000}" -r "$capture" -T fields \
	-e frame.number -e labelhop.verdict -e labelhop.layout -e labelhop.payload -e _ws.malformed
