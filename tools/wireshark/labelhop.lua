-- SPDX-License-Identifier: GPL-2.0
--
-- A dissector for Wireshark and tshark: shows the hop and tag labels of labelhop, and says
-- whether they are right, given the parameter files. Documentation/wireshark.rst.
--
-- It follows Documentation/protocol.rst. It must see the whole of what is hashed.

local labelhop = Proto("labelhop", "labelhop")

local fields = {
	id = ProtoField.string("labelhop.id", "Set"),
	layout = ProtoField.string("labelhop.layout", "Layout"),
	payload = ProtoField.string("labelhop.payload", "Payload"),
	hop = ProtoField.uint32("labelhop.hop", "Hop label"),
	slot = ProtoField.uint64("labelhop.slot", "Slot"),
	tag = ProtoField.uint32("labelhop.tag", "Tag label"),
	expected = ProtoField.uint32("labelhop.expected", "Expected tag label"),
	verdict = ProtoField.string("labelhop.verdict", "Verdict"),
}
labelhop.fields = fields
local wrong = ProtoExpert.new("labelhop.wrong", "This packet is not right",
			      expert.group.SECURITY, expert.severity.ERROR)
labelhop.experts = { wrong }

labelhop.prefs.params = Pref.string("Parameter files", "",
	"Files of labelhop params new, separated by commas. They hold the secret.")
labelhop.prefs.tolerance = Pref.uint("Tolerance (us)", 100000,
	"By how much clocks may differ, as at the receiver, and the capture's clock")
labelhop.prefs.delay = Pref.uint("Delay (us)", 0, "How long packets are on their way")
labelhop.prefs.tai_offset = Pref.uint("TAI - UTC (s)", 37, "Time stamps of captures are UTC")

local encap_field = Field.new("frame.encap_type")
local time_field = Field.new("frame.time_epoch")
local ENCAP_ETHERNET = 1
local ETH_MPLS = 0x8847
local VLAN = { [0x8100] = true, [0x88a8] = true }
local RESERVED, MAPPED_OUT, TAG_BITS = 16, 524288, 20
local PAYLOAD_MAX = 65575
local NULLS_MAX = 128
local LEAST = { ip = 20, pw = 18, ["pw-no-cw"] = 0, link = 0 }

-- -- numbers --------------------------------------------------------------------------

local b32 = bit or bit32
local function u32(x) return x % 4294967296 end
local function bxor(...) return u32(b32.bxor(...)) end
local function band(x, y) return u32(b32.band(x, y)) end
local function bnot(x) return u32(b32.bnot(x)) end
local function rshift(x, n) return u32(b32.rshift(x, n)) end
local function rrotate(x, n)
	return u32(b32.bor(b32.rshift(x, n), b32.lshift(x, 32 - n)))
end

local ZERO, ONE = UInt64(0), UInt64(1)

-- A number of JSON may have 64 bits, those of Lua have 53.
local function decimal(text)
	local value = ZERO
	for digit in text:gmatch("%d") do
		value = value * UInt64(10) + UInt64(tonumber(digit))
	end
	return value
end

local function le64(bytes, at)
	local a, b, c, d, e, f, g, h = bytes:byte(at, at + 7)
	return UInt64(a + b * 256 + c * 65536 + d * 16777216,
		      e + f * 256 + g * 65536 + h * 16777216)
end

local function le_bytes(value)
	local out = {}
	for _, half in ipairs({ value:lower(), value:higher() }) do
		for _ = 1, 4 do
			out[#out + 1] = string.char(half % 256)
			half = math.floor(half / 256)
		end
	end
	return table.concat(out)
end

local function be32(value)
	return string.char(math.floor(value / 16777216) % 256, math.floor(value / 65536) % 256,
			   math.floor(value / 256) % 256, value % 256)
end

local function be64(value) return be32(value:higher()) .. be32(value:lower()) end

local function unhex(text)
	return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- -- SHA-256 (FIPS 180-4) and HMAC (RFC 2104) -------------------------------------------

local K256 = {}
do
	local n, found = 2, 0
	while found < 64 do
		local prime = true
		for d = 2, math.floor(math.sqrt(n)) do
			if n % d == 0 then prime = false break end
		end
		if prime then
			found = found + 1
			K256[found] = math.floor((n ^ (1 / 3) % 1) * 4294967296)
		end
		n = n + 1
	end
end
local H256 = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 }

local function sha256_block(hash, block)
	local w = {}
	for i = 1, 16 do
		local a, b, c, d = block:byte(4 * i - 3, 4 * i)
		w[i] = a * 16777216 + b * 65536 + c * 256 + d
	end
	for i = 17, 64 do
		local x, y = w[i - 15], w[i - 2]
		w[i] = u32(w[i - 16] + w[i - 7] +
			   bxor(rrotate(x, 7), rrotate(x, 18), rshift(x, 3)) +
			   bxor(rrotate(y, 17), rrotate(y, 19), rshift(y, 10)))
	end
	local a, b, c, d, e, f, g, h = hash[1], hash[2], hash[3], hash[4],
				       hash[5], hash[6], hash[7], hash[8]
	for i = 1, 64 do
		local one = u32(h + bxor(rrotate(e, 6), rrotate(e, 11), rrotate(e, 25)) +
				bxor(band(e, f), band(bnot(e), g)) + K256[i] + w[i])
		local two = u32(bxor(rrotate(a, 2), rrotate(a, 13), rrotate(a, 22)) +
				bxor(band(a, b), band(a, c), band(b, c)))
		a, b, c, d, e, f, g, h = u32(one + two), a, b, c, u32(d + one), e, f, g
	end
	local out = { a, b, c, d, e, f, g, h }
	for i = 1, 8 do out[i] = u32(out[i] + hash[i]) end
	return out
end

local function sha256(message)
	local bits, hash = #message * 8, H256
	message = message .. "\128" .. string.rep("\0", (55 - #message) % 64) ..
		  "\0\0\0\0" .. be32(bits)
	for at = 1, #message, 64 do hash = sha256_block(hash, message:sub(at, at + 63)) end
	local out = {}
	for i = 1, 8 do out[i] = be32(hash[i]) end
	return table.concat(out)
end

local function hmac_sha256(key, message)
	key = key .. string.rep("\0", 64 - #key)
	local function pad(with)
		return (key:gsub(".", function(c) return string.char(bxor(c:byte(), with)) end))
	end
	return sha256(pad(0x5c) .. sha256(pad(0x36) .. message))
end

-- -- SipHash-2-4 -------------------------------------------------------------------------

local function siphash(key, message)
	local k0, k1 = le64(key, 1), le64(key, 9)
	local v0 = k0:bxor(UInt64(0x70736575, 0x736f6d65))
	local v1 = k1:bxor(UInt64(0x6e646f6d, 0x646f7261))
	local v2 = k0:bxor(UInt64(0x6e657261, 0x6c796765))
	local v3 = k1:bxor(UInt64(0x79746573, 0x74656462))
	local function rounds(n)
		for _ = 1, n do
			v0 = v0 + v1
			v1 = v1:rol(13):bxor(v0)
			v0 = v0:rol(32)
			v2 = v2 + v3
			v3 = v3:rol(16):bxor(v2)
			v0 = v0 + v3
			v3 = v3:rol(21):bxor(v0)
			v2 = v2 + v1
			v1 = v1:rol(17):bxor(v2)
			v2 = v2:rol(32)
		end
	end
	local padded = message .. string.rep("\0", 7 - #message % 8) ..
		       string.char(#message % 256)
	for at = 1, #padded, 8 do
		local word = le64(padded, at)
		v3 = v3:bxor(word)
		rounds(2)
		v0 = v0:bxor(word)
	end
	v2 = v2:bxor(UInt64(255))
	rounds(4)
	return v0:bxor(v1):bxor(v2):bxor(v3)
end

-- -- parameter sets ----------------------------------------------------------------------

local function string_member(text, name) return text:match('"' .. name .. '"%s*:%s*"([^"]*)"') end
local function number_member(text, name) return text:match('"' .. name .. '"%s*:%s*(%d+)') end

local function list_member(text, name)
	local inside, out = text:match('"' .. name .. '"%s*:%s*%[([%d,%s]*)%]'), {}
	for number in (inside or ""):gmatch("%d+") do out[#out + 1] = number end
	return out
end

-- Returns the set, or nil and what is wrong. Nothing of the seed is kept but the keys.
local function read_set(text)
	local id, seed = string_member(text, "id"), string_member(text, "seed")
	local set = {
		id = id, label = tonumber(number_member(text, "label")),
		tags = tonumber(number_member(text, "tags")),
		labels = {}, k = {}, slots = {}, cycle = ZERO,
	}
	local generation = tonumber(number_member(text, "generation"))
	local epoch = number_member(text, "epoch")
	local mask = string_member(text, "select") or string_member(text, "and")

	if not number_member(text, "labelhop") then return nil, "is no parameter file" end
	if string_member(text, "hash") ~= "siphash-2-4" then return nil, "has another hash" end
	if not (id and id:match("^%x+$") and #id == 16 and seed and seed:match("^%x+$") and
		#seed == 64 and generation and set.label and set.tags and epoch and mask) then
		return nil, "lacks a member, or has a wrong one"
	end
	set.gather = string_member(text, "select") ~= nil
	set.mask = UInt64.fromhex((mask:gsub("^0x", "")))
	set.hash_len = tonumber(number_member(text, "hash%-len") or 0)
	set.epoch = decimal(epoch)
	local lifetime = decimal(number_member(text, "lifetime") or "0")
	if lifetime > ZERO then set.over = set.epoch + lifetime end
	for i, label in ipairs(list_member(text, "labels")) do
		set.labels[i] = tonumber(label)
		set.k[tonumber(label)] = true
	end
	for i, slot in ipairs(list_member(text, "slots")) do
		set.slots[i] = decimal(slot)
		set.cycle = set.cycle + set.slots[i]
	end
	if #set.labels == 0 or set.cycle == ZERO then return nil, "has no labels or no slots" end
	local function key(purpose)
		local info = "labelhop-1 " .. purpose .. unhex(id) .. be32(generation) ..
			     be32(set.label)
		return hmac_sha256(unhex(seed), info .. "\1"):sub(1, 16)
	end
	set.hop_key, set.tag_key = key("hop"), key("tag")
	return set
end

local sets = {}

function labelhop.prefs_changed()
	sets = {}
	for path in labelhop.prefs.params:gmatch("[^,]+") do
		local file, reason = io.open(path, "r")
		if file then
			local set
			set, reason = read_set(file:read("*a") or "")
			file:close()
			sets[#sets + 1] = set
			if not set then reason = path .. " " .. reason end
		end
		if reason then io.stderr:write("labelhop.lua: " .. reason .. "\n") end
	end
end

-- -- what the protocol says of a time and a packet --------------------------------------------

local function slot_at(set, t)
	local q, r = (t - set.epoch) / set.cycle, (t - set.epoch) % set.cycle
	local before = ZERO
	for i, duration in ipairs(set.slots) do
		if r < before + duration then
			local start = set.epoch + q * set.cycle + before
			return q * UInt64(#set.slots) + UInt64(i - 1), start + duration
		end
		before = before + duration
	end
end

-- The slots that are valid, or the word for why none is.
local function valid_slots(set, now)
	local tolerance = UInt64(labelhop.prefs.tolerance) * UInt64(1000)
	local delay = UInt64(labelhop.prefs.delay) * UInt64(1000)
	local low, high = now - delay - tolerance, now - delay + tolerance
	if high < set.epoch then return nil, "not yet" end
	if set.over and low >= set.over then return nil, "expired" end
	if low < set.epoch then low = set.epoch end
	local out = {}
	while low <= high and #out < 64 and not (set.over and low >= set.over) do
		out[#out + 1], low = slot_at(set, low)
	end
	return out
end

local function hop_of(set, slot)
	local hash = siphash(set.hop_key, le_bytes(slot))
	return set.labels[(hash % UInt64(#set.labels)):tonumber() + 1]
end

local function gather(set, digest)
	local out, n, mask = ZERO, 0, set.mask
	for bit_number = 0, 63 do
		if mask:rshift(bit_number):band(ONE) == ONE then
			out = out:bor(digest:rshift(bit_number):band(ONE):lshift(n))
			n = n + 1
		end
	end
	return out, math.min(TAG_BITS, math.floor(n / set.tags))
end

local function tags_of(set, slot, payload, length)
	local key = le_bytes(siphash(set.tag_key, le_bytes(slot) .. le_bytes(ZERO))) ..
		    le_bytes(siphash(set.tag_key, le_bytes(slot) .. le_bytes(ONE)))
	local n = set.hash_len == 0 and length or math.min(length, set.hash_len)
	local digest = siphash(key, le_bytes(UInt64(length)) .. payload:sub(1, n))
	local width, out = TAG_BITS, {}
	if set.gather then
		digest, width = gather(set, digest)
	else
		digest = digest:band(set.mask)
	end
	for j = 1, set.tags do
		local value = digest:rshift((j - 1) * width):lower() % 2 ^ width
		out[j] = value < RESERVED and value + MAPPED_OUT or value
	end
	return out
end

-- How long a payload is, by what it may be. It does not say what it is: the labels are
-- right if they are for one of these.
local function lengths(layout, payload)
	local present = #payload
	if layout == "link" then return { { "link", present } } end
	local first = payload:byte(1)
	local nibble = first and math.floor(first / 16)
	local out = {}
	if nibble == 4 and present >= 20 then
		out[1] = { "ip", payload:byte(3) * 256 + payload:byte(4) }
	elseif nibble == 6 and present >= 40 then
		out[1] = { "ip", 40 + payload:byte(5) * 256 + payload:byte(6) }
	elseif nibble == 0 and present >= 18 then
		-- RFC 4385 has a length for what is short; RFC 4448 ignores all other bits.
		local length = present < 64 and payload:byte(2) % 64 or 0
		out[1] = { "pw", length > 0 and length or present }
	end
	out[#out + 1] = { "pw-no-cw", present }
	return out
end

-- -- label stacks ------------------------------------------------------------------------

-- A layout says which entries follow a hop label, and where what is hashed begins. One
-- with a sequence number or a shim is another entry.
local layouts = {
	{ name = "edge", bottom = 1 },
	{ name = "link", bottom = 0 },
}

local function read_stack(buffer)
	local at, entries = 12, {}
	while at + 6 <= buffer:len() and VLAN[buffer(at, 2):uint()] do at = at + 4 end
	if at + 2 > buffer:len() or buffer(at, 2):uint() ~= ETH_MPLS then return nil end
	at = at + 2
	while at + 4 <= buffer:len() do
		local range = buffer(at, 4)
		local value = range:uint()
		local s = math.floor(value / 256) % 2
		entries[#entries + 1] = { label = math.floor(value / 4096), s = s, range = range,
					  after = at + 4 }
		at = at + 4
		if s == 1 then break end
	end
	return entries
end

local function find_layout(set, entries, i)
	local last = entries[i + set.tags]
	if entries[i].s ~= 0 or not last then return nil end
	for j = i, i + set.tags - 1 do
		if entries[j].s ~= 0 then return nil end
	end
	for _, layout in ipairs(layouts) do
		if layout.bottom == last.s then return layout, last.after end
	end
end

local function same(tags, entries, i)
	for j, tag in ipairs(tags) do
		if entries[i + j].label ~= tag then return false end
	end
	return true
end

-- Returns verdict, slot, payload's kind, and the tags that were expected.
local function judge(set, entries, i, layout, payload, now)
	local slots, reason = valid_slots(set, now)
	if not slots then return reason end
	local hops, expected, slot_of_hop = false, nil, nil
	for _, slot in ipairs(slots) do
		if hop_of(set, slot) == entries[i].label then
			hops, slot_of_hop = true, slot
			for _, try in ipairs(lengths(layout.name, payload)) do
				local kind, length = try[1], try[2]
				if length >= LEAST[kind] and length <= #payload and
				   length <= PAYLOAD_MAX then
					local tags = tags_of(set, slot, payload, length)
					if same(tags, entries, i) then return "right", slot, kind, tags end
					expected = expected or tags
				end
			end
		end
	end
	if not hops then return "bad hop label" end
	return expected and "bad tag" or "malformed", slot_of_hop, nil, expected
end

-- -- on the screen -----------------------------------------------------------------------

local function show(tree, pinfo, set, entry, verdict)
	local branch = tree:add(labelhop, entry.range)
	branch:append_text(": " .. verdict)
	branch:add(fields.id, set.id):set_generated()
	branch:add(fields.verdict, verdict):set_generated()
	if verdict ~= "right" then
		branch:add_proto_expert_info(wrong, "labelhop: " .. verdict)
	end
	return branch
end

local function show_hop(tree, pinfo, set, entries, i, buffer, now)
	local layout, at = find_layout(set, entries, i)
	if not layout then
		show(tree, pinfo, set, entries[i], "malformed")
		return
	end
	local payload = at < buffer:len() and buffer:raw(at) or ""
	local verdict, slot, kind, expected = judge(set, entries, i, layout, payload, now)
	local branch = show(tree, pinfo, set, entries[i], verdict)
	branch:add(fields.layout, layout.name):set_generated()
	branch:add(fields.hop, entries[i].range, entries[i].label)
	if slot then branch:add(fields.slot, slot):set_generated() end
	if kind then branch:add(fields.payload, kind):set_generated() end
	for j = 1, set.tags do
		branch:add(fields.tag, entries[i + j].range, entries[i + j].label)
		if expected and verdict ~= "right" then
			branch:add(fields.expected, expected[j]):set_generated()
		end
	end
end

local function capture_time()
	local time = time_field().value
	return UInt64(time.secs + labelhop.prefs.tai_offset) * UInt64(1000000000) +
	       UInt64(time.nsecs)
end

function labelhop.dissector(buffer, pinfo, tree)
	local encap = encap_field()
	if #sets == 0 or not encap or encap.value ~= ENCAP_ETHERNET then return end
	local entries = read_stack(buffer)
	if not entries then return end
	local now, nulls = capture_time(), 0
	for i, entry in ipairs(entries) do
		-- Explicit nulls, those on both sides of a link's transport label.
		if (entry.label == 0 or entry.label == 2) and entry.s == 0 then nulls = nulls + 1 end
		for _, set in ipairs(sets) do
			if nulls > NULLS_MAX and (set.k[entry.label] or set.label == entry.label) then
				show(tree, pinfo, set, entry, "malformed")
				return
			elseif set.k[entry.label] then
				show_hop(tree, pinfo, set, entries, i, buffer, now)
				return
			elseif set.label == entry.label and entry.s == 1 then
				show(tree, pinfo, set, entry, "bare")
				return
			end
		end
	end
end

register_postdissector(labelhop)
