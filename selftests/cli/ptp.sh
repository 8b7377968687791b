# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # those who source this set dir
# A pmc in place of linuxptp's, for what the command makes of ptp4l.

# fake_pmc <ANSWER: from now on pmc prints that, and an error for other arguments.
fake_pmc() {
	mkdir -p "$dir/bin"
	cat >"$dir/answer"
	cat >"$dir/bin/pmc" <<-END
		#!/bin/sh
		[ "\$*" = '-u -b 0 GET PORT_DATA_SET GET CURRENT_DATA_SET GET PARENT_DATA_SET' ] || exit 1
		exec cat $dir/answer
	END
	chmod +x "$dir/bin/pmc"
}

# pmc_says STATE: what linuxptp 3.1 prints, of a clock with two ports.
pmc_says() {
	cat <<-END
		sending: GET PORT_DATA_SET
		sending: GET CURRENT_DATA_SET
		sending: GET PARENT_DATA_SET
		 	020000.fffe.000201-1 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET
		 		portIdentity            020000.fffe.000201-1
		 		portState               $1
		 		logMinDelayReqInterval  -3
		 	020000.fffe.000201-2 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET
		 		portIdentity            020000.fffe.000201-2
		 		portState               LISTENING
		 	020000.fffe.000201-0 seq 1 RESPONSE MANAGEMENT CURRENT_DATA_SET
		 		stepsRemoved     1
		 		offsetFromMaster -98765.0
		 		meanPathDelay    1234567.8
		 	020000.fffe.000201-0 seq 2 RESPONSE MANAGEMENT PARENT_DATA_SET
		 		parentPortIdentity                    020000.fffe.000101-1
		 		grandmasterIdentity                   020000.fffe.000101
	END
}
