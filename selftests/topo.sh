# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Inter-AS model C (RFC 4364, section 10 c) in network namespaces; sourced.
#
#        .------------- AS 65001 -------------.         .------------- AS 65002 -------------.
#  CE1 --ce[PE1]core -- west[P1]east -- west[ASBR1]east --w1[WIRE]w2-- west[ASBR2]east -- west[P2]east -- core[PE2]ce-- CE2
#         VRF blue                                      the attacker                                   VRF blue
#
#  link      1               2                  3               3                 4               5
#
# What a packet from CE1 to CE2 carries on each link, top label first:
#
#   PE1   -> P1      1001 LDP to ASBR1 | 3002 BGP-LU to PE2 | 200 VPN
#   P1    -> ASBR1                       3002 BGP-LU to PE2 | 200 VPN       (PHP)
#   ASBR1 -> ASBR2                       3102 BGP-LU to PE2 | 200 VPN
#   ASBR2 -> P2      2002 LDP to PE2                        | 200 VPN
#   P2    -> PE2                                              200 VPN       (PHP)
#           or, TOPO_TAIL=nophp           2102              | 200 VPN
#           or, TOPO_TAIL=null              0 explicit null | 200 VPN
#
# and from CE2 to CE1:
#
#   PE2   -> P2      2001 LDP to ASBR2 | 3101 BGP-LU to PE1 | 100 VPN
#   P2    -> ASBR2                       3101 BGP-LU to PE1 | 100 VPN       (PHP)
#   ASBR2 -> ASBR1                       3001 BGP-LU to PE1 | 100 VPN
#   ASBR1 -> P1      1002 LDP to PE1                        | 100 VPN
#   P1    -> PE1     (or 1102, or 0)                          100 VPN       (PHP)
#
# With labelhop the VPN label is a hop label and 1 to 3 tag labels instead.
#
# WIRE is a bridge between the ASBRs. Who sits there sees every frame, and what is
# sent on its device w2 reaches ASBR2 as if ASBR1 had sent it; w1 likewise.
#
# Addresses: CE1 192.168.1.1 and fd01::1, CE2 192.168.2.1 and fd02::1, their PEs
# .254 and ::fe; core link N 10.0.N.1 and .2, fd00:N::1 and ::2, west end first.
# MAC addresses: 02:00:00:00:0N:01 and :02, west end first. Link 6 is CE1-PE1,
# link 7 PE2-CE2. The core's neighbours are permanent: no ARP in the tests' way.
#
# Settings, by variable:
#   TOPO_TAIL   php | nophp | null         what the tail PE gets (php)
#   TOPO_MTU    BYTES                      of all core links (1500)
#   TOPO_CORE   veth | vlan | bond | bridge  what PE's device `core` is (veth)
#   TOPO_VIA    inet | inet6               next hop of the IPv4 routes (inet);
#                                          those for IPv6 always have an IPv6 one
#   TOPO_ROUTE_MTU  BYTES                  mtu of the VRF's routes (none)
#   TOPO_VPNS   N                          VRFs, the first being blue (1)
#
# VRF number i > 1 is named vI, has no CE but the addresses 172.16.I/256.I%256
# (PE1) and 172.17... (PE2) on the VRF device, and VPN labels 10000+I and 20000+I.

# shellcheck source=selftests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# shellcheck disable=SC2034 # some of these are for the tests
topo_names=(CE1 PE1 P1 ASBR1 WIRE ASBR2 P2 PE2 CE2)

# topo_link LINK NAMESPACE DEVICE NAMESPACE DEVICE: lines for ip -b
topo_link() {
	printf 'link add name %s netns %s mtu %s address 02:00:00:00:0%s:01 type veth ' \
		"$3" "$2" "$TOPO_MTU" "$1"
	printf 'peer name %s netns %s mtu %s address 02:00:00:00:0%s:02\n' \
		"$5" "$4" "$TOPO_MTU" "$1"
}

topo_links() {
	local under1=core under2=core p1=west p2=east
	[ "$TOPO_CORE" = veth ] || under1=core0 under2=core0
	[ "$TOPO_CORE" != vlan ] || p1=west0 p2=east0
	topo_link 1 "$PE1" "$under1" "$P1" "$p1"
	topo_link 2 "$P1" east "$ASBR1" west
	topo_link 4 "$ASBR2" east "$P2" west
	topo_link 5 "$P2" "$p2" "$PE2" "$under2"
	# A veth's end in the bridge needs an address other than the routers'.
	printf 'link add name east netns %s mtu %s address 02:00:00:00:03:01 type veth peer name w1 netns %s mtu %s\n' \
		"$ASBR1" "$TOPO_MTU" "$WIRE" "$TOPO_MTU"
	printf 'link add name west netns %s mtu %s address 02:00:00:00:03:02 type veth peer name w2 netns %s mtu %s\n' \
		"$ASBR2" "$TOPO_MTU" "$WIRE" "$TOPO_MTU"
	TOPO_MTU=1500 topo_link 6 "$CE1" pe "$PE1" ce
	TOPO_MTU=1500 topo_link 7 "$PE2" ce "$CE2" pe
}

# topo_over MAC DEVICE LOWER: a device of the kind TOPO_CORE over a veth
topo_over() {
	case $TOPO_CORE in
	veth) return ;;
	vlan)
		echo "link add link $3 name $2 type vlan id 100"
		;;
	bond)
		echo "link add $2 address $1 mtu $TOPO_MTU type bond mode active-backup"
		echo "link set $3 master $2"
		;;
	bridge)
		echo "link add $2 address $1 mtu $TOPO_MTU type bridge forward_delay 0 mcast_snooping 0"
		echo "link set $3 master $2"
		;;
	esac
	echo "link set $3 up"
}

# topo_core LINK END DEVICE: addresses and neighbour of a router on a core link
topo_core() {
	local other=$((3 - $2))
	echo "address add 10.0.$1.$2/30 dev $3
		address add fd00:$1::$2/64 dev $3 nodad
		link set $3 up
		neighbour replace 10.0.$1.$other lladdr 02:00:00:00:0$1:0$other dev $3 nud permanent
		neighbour replace fd00:$1::$other lladdr 02:00:00:00:0$1:0$other dev $3 nud permanent"
}

# topo_label LABEL [swap LABEL] LINK END DEVICE: a label's route to the link's END
topo_label() {
	local swap=''
	[ "$2" != swap ] || { swap="as $3" && set -- "$1" "${@:4}"; }
	echo "mpls route add $1 $swap via inet 10.0.$2.$3 dev $4"
}

# topo_customer SIDE: PE's VRF and its device to CE
topo_customer() {
	echo "link add blue type vrf table 10
		link set blue up
		route add table 10 unreachable default metric 4278198272
		route add table 10 unreachable ::/0 metric 4278198272
		link set ce master blue
		address add 192.168.$1.254/24 dev ce
		address add fd0$1::fe/64 dev ce nodad
		link set ce up"
}

# topo_far LINK END LABELS OTHER-SIDE: VRF blue's routes to the other CE
topo_far() {
	local via="inet 10.0.$1.$2" mtu='' mtu6=''
	[ "$TOPO_VIA" != inet6 ] || via="inet6 fd00:$1::$2"
	# Forwarded IPv6 heeds a route's mtu only if it is locked.
	[ -z "$TOPO_ROUTE_MTU" ] || mtu="mtu $TOPO_ROUTE_MTU" mtu6="mtu lock $TOPO_ROUTE_MTU"
	echo "route add vrf blue 192.168.$4.0/24 encap mpls $3 via $via dev core $mtu"
	echo "route add vrf blue fd0$4::/64 encap mpls $3 via inet6 fd00:$1::$2 dev core $mtu6"
}

# topo_more_vpns SIDE LINK END TRANSPORT: the VRFs after blue
topo_more_vpns() {
	local i other=$((3 - $1)) address
	for ((i = 2; i <= TOPO_VPNS; i++)); do
		address=$((i / 256)).$((i % 256))
		echo "link add v$i type vrf table $((1000 + i))
			address add 172.$((15 + $1)).$address/32 dev v$i
			link set v$i up
			mpls route add $(($1 * 10000 + i)) dev v$i
			route add vrf v$i 172.$((15 + other)).$address/32 encap mpls $4/$((other * 10000 + i)) via inet 10.0.$2.$3 dev core"
	done
}

# topo_tail LDP TAIL LINK END DEVICE: the last label before PE
topo_tail() {
	case $TOPO_TAIL in
	php) topo_label "$1" "$3" "$4" "$5" ;;
	nophp) topo_label "$1" swap "$2" "$3" "$4" "$5" ;;
	null) topo_label "$1" swap 0 "$3" "$4" "$5" ;;
	esac
}

# topo_ip NAMESPACE <LINES: carry them out
topo_ip() {
	topo_take "$1" "$(</dev/stdin)"
	topo_run "$1"
}

# topo_take NAMESPACE LINES: for topo_run. A line is an ip command, or one that begins
# with mpls and is ip's for that family, or `sysctl NAME VALUE`.
declare -A topo_plain topo_mpls
topo_take() {
	local line
	topo_plain[$1]='' topo_mpls[$1]=''
	while read -r line; do
		case $line in
		mpls*) topo_mpls[$1]+=${line#mpls }$'\n' ;;
		sysctl*) topo_settings+="$1 ${line#sysctl }"$'\n' ;;
		*) topo_plain[$1]+=$line$'\n' ;;
		esac
	done <<<"$2"
}

# topo_run NAMESPACE...: carry out what was taken for them. A process takes a tenth of a
# second of an emulated machine: there are two for each, as ip takes a namespace and a
# family for all its lines, and one for all settings.
topo_settings=''
topo_run() {
	local settings=$topo_settings
	topo_settings=''
	topo_batch topo_plain '' "$@" &&
		{ [ -z "$settings" ] || topo_sysctl <<<"$settings"; } &&
		topo_batch topo_mpls '-f mpls' "$@"
}

# topo_batch LINES OPTIONS NAMESPACE...: ip, in all of them side by side
topo_batch() {
	local -n topo_lines=$1
	local ns pids=() pid
	for ns in "${@:3}"; do
		[ -n "${topo_lines[$ns]}" ] || continue
		# shellcheck disable=SC2086 # words
		ip -n "$ns" $2 -b - <<<"${topo_lines[$ns]}" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return
	done
}

# topo_sysctl <LINES: NAMESPACE NAME VALUE. 308 is setns().
topo_sysctl() {
	perl -ne '
		my ($ns, $name, $value) = split or next;
		open my $fd, "<", "/run/netns/$ns" or die "$ns: $!\n";
		syscall(308, fileno $fd, 0) and die "setns to $ns: $!\n";
		$name =~ tr|.|/|;
		open my $file, ">", "/proc/sys/$name" or die "$name: $!\n";
		print $file $value;
		close $file or die "$name = $value: $!\n"'
}

# topo_router DEVICE...: MPLS is taken from the devices
topo_router() {
	printf 'sysctl %s\n' 'net.ipv4.ip_forward 1' 'net.ipv6.conf.all.forwarding 1' \
		'net.ipv4.conf.all.rp_filter 0' 'net.ipv4.conf.default.rp_filter 0' \
		'net.mpls.platform_labels 65535'
	printf 'sysctl net.mpls.conf.%s.input 1\n' lo "$@"
}

topo_pe() { # SIDE LINK END DEFAULT-OF-NEXT-ROUTER
	local side=$1 link=$2 end=$3 other=$((3 - $1))
	echo "link set lo up"
	echo "address add 10.255.0.$side/32 dev lo"
	topo_over "02:00:00:00:0$link:0$end" core core0
	topo_core "$link" "$end" core
	topo_customer "$side"
	topo_router core
	echo "mpls route add ${side}00 dev blue"
	[ "$TOPO_TAIL" != nophp ] || echo "mpls route add ${side}102 dev lo"
	topo_far "$link" $((3 - end)) "${side}001/3${4}0$other/${other}00" "$other"
	topo_more_vpns "$side" "$link" $((3 - end)) "${side}001/3${4}0$other"
}

topo_p() { # SIDE WEST-LINK EAST-LINK
	local side=$1 pe='1 1 west' asbr='2 2 east'
	[ "$side" = 1 ] || pe='5 2 east' asbr='4 1 west'
	echo "link set lo up"
	if [ "$TOPO_CORE" = vlan ]; then
		[ "$side" = 1 ] || topo_over '' east east0
		[ "$side" = 2 ] || topo_over '' west west0
	fi
	topo_core "$2" 2 west
	topo_core "$3" 1 east
	topo_router west east
	# shellcheck disable=SC2086 # link, end, device
	topo_label "${side}001" $asbr
	# shellcheck disable=SC2086
	topo_tail "${side}002" "${side}102" $pe
}

topo_asbr() { # SIDE WEST-LINK EAST-LINK
	local side=$1 inside='2 1 west' outside='3 2 east'
	[ "$side" = 1 ] || inside='4 2 east' outside='3 1 west'
	echo "link set lo up"
	topo_core "$2" 2 west
	topo_core "$3" 1 east
	topo_router west east
	# A BGP-LU label that this ASBR gave out for the other PE, and one for its own.
	local own=30 far=31
	[ "$side" = 1 ] || own=31 far=30
	# shellcheck disable=SC2086 # link, end, device
	topo_label "${own}0$((3 - side))" swap "${far}0$((3 - side))" $outside
	# shellcheck disable=SC2086
	topo_label "${own}0$side" swap "${side}002" $inside
}

topo_ce() { # SIDE
	echo "link set lo up
		address add 192.168.$1.1/24 dev pe
		address add fd0$1::1/64 dev pe nodad
		link set pe up
		route add default via 192.168.$1.254
		route add ::/0 via fd0$1::fe"
}

topo_wire() {
	echo "sysctl net.ipv6.conf.all.disable_ipv6 1
		sysctl net.ipv6.conf.default.disable_ipv6 1
		link set lo up
		link add wire mtu $TOPO_MTU type bridge forward_delay 0 mcast_snooping 0
		link set w1 master wire
		link set w2 master wire
		link set w1 up
		link set w2 up
		link set wire up"
}

topo_up() {
	: "${TOPO_TAIL:=php}" "${TOPO_MTU:=1500}" "${TOPO_CORE:=veth}" "${TOPO_VIA:=inet}"
	: "${TOPO_ROUTE_MTU:=}" "${TOPO_VPNS:=1}"
	need_module mpls_router mpls_iptunnel mpls_gso vrf || return
	setup_ns "${topo_names[@]}" || return
	# shellcheck disable=SC2153 # setup_ns sets them
	topo_links | ip -b - || return
	topo_take "$WIRE" "$(topo_wire)"
	topo_take "$PE1" "$(topo_pe 1 1 1 0)"
	topo_take "$P1" "$(topo_p 1 1 2)"
	topo_take "$ASBR1" "$(topo_asbr 1 2 3)"
	topo_take "$ASBR2" "$(topo_asbr 2 3 4)"
	topo_take "$P2" "$(topo_p 2 4 5)"
	topo_take "$PE2" "$(topo_pe 2 5 2 1)"
	topo_take "$CE1" "$(topo_ce 1)"
	topo_take "$CE2" "$(topo_ce 2)"
	topo_run "$WIRE" "$PE1" "$P1" "$ASBR1" "$ASBR2" "$P2" "$PE2" "$CE1" "$CE2" || return
	# Carriers and bridge ports come up in their own time.
	busywait 20 topo_works 192.168.2.1 && busywait 20 topo_works fd02::1 && return
	echo "# CE1 does not reach CE2"
	return 1
}

# topo_works ADDRESS-OF-CE2
topo_works() { ip netns exec "$CE1" ping -q -c 1 -i 0.1 -w 3 "$1"; }

# -- labelhop --------------------------------------------------------------

# topo_params FILE LABEL FIRST-OF-K [OPTION]...: a parameter set, as the receiver
# makes it. Slots and tolerance suit an emulated machine, whose clocks agree but
# whose packets may wait.
topo_params() {
	local file=$1 label=$2 from=$3
	shift 3
	(
		umask 077
		labelhop params new fec label "$label" labels 16 from "$from-$((from + 9999))" \
			slots "${LH_SLOTS:-2s*4}" tags "${LH_TAGS:-1}" "$@" >"$file"
	)
}

# topo_session NAMESPACE NAME DIR FILE [OPTION]...
topo_session() {
	local ns=$1 name=$2 dir=$3 file=$4
	shift 4
	[ "$dir" = out ] ||
		set -- tolerance "${LH_TOLERANCE:-900ms}" policy "${LH_POLICY:-strict}" "$@"
	labelhop -n "$ns" session add "$name" dir "$dir" params "$file" "$@"
}

# topo_protect [OPTION-OF-PARAMS-NEW]...: both directions of VRF blue. By variable:
# LH_TAGS, LH_SLOTS, LH_TOLERANCE, LH_POLICY. The parameter sets are left in the
# files $topo_dir/east.json (to PE2) and west.json (to PE1).
topo_protect() {
	topo_dir=${topo_dir:-$(mktemp -d)}
	defer rm -rf "$topo_dir"
	topo_params "$topo_dir/east.json" 200 500000 "$@" &&
		topo_params "$topo_dir/west.json" 100 600000 "$@" || return
	local pe
	for pe in "$PE1" "$PE2"; do
		labelhop -n "$pe" clock set tai || return
	done
	topo_session "$PE2" blue-in in "$topo_dir/east.json" &&
		topo_session "$PE1" blue-out out "$topo_dir/east.json" &&
		topo_session "$PE1" blue-in in "$topo_dir/west.json" &&
		topo_session "$PE2" blue-out out "$topo_dir/west.json"
}

# topo_unprotect: as it was before topo_protect
topo_unprotect() {
	local pe
	for pe in "$PE1" "$PE2"; do
		labelhop -n "$pe" session flush || return
	done
}
