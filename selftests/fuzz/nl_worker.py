# SPDX-License-Identifier: GPL-2.0
"""A process that sends requests and judges the answers."""

import errno
import os
import random
import struct
from collections import Counter

from kcov import Kcov
from nl_make import Maker
from nl_model import State, fault_after, faults, settled, settled_pw
from nl_socket import ACK, DUMP, HEADERS, REQUEST, Socket, pack
from nl_spoil import Request, Spoiler, offsets

# Generic netlink of 6.1 hands no extack to what begins a dump.
DUMPS_ARE_MUTE = os.environ.get("LABELHOP_KERNEL", "").endswith("6.1")
COMPLAINTS = 5
CORPUS = 500
# So many requests are sent between two things that go on around.
REQUESTS = 4
# Sentences of the kernel's netlink core, which knows capitals.
CORE = ("Attribute failed policy validation", "Unknown attribute type", "Unsupported attribute",
        "Invalid attribute", "NLA_F_NESTED")
# Sentences about a whole message or device, not about an attribute of it.
NO_ATTRIBUTE = ("bytes leftover after parsing attributes", "genlmsghdr.reserved field is not 0",
                "the reserved field of the header must be 0",
                "only the flags request, ack, echo and dump are known",
                "ambiguous or reserved bits set in nlmsg_flags", "a device could not be hooked")


def judge_refusal(data, answer):
    """What is wrong with how a request was refused."""
    if answer.error in (errno.EOPNOTSUPP, errno.EPERM, errno.ENOMEM):
        return
    if len(data) < HEADERS or struct.unpack_from("=I", data)[0] < HEADERS:
        return
    text = answer.text
    if not text and struct.unpack_from("=H", data, 6)[0] & DUMP == DUMP and DUMPS_ARE_MUTE:
        return
    if not text:
        yield f"error {answer.error} without a sentence"
    elif not text[0].islower() and not text.startswith(CORE):
        yield f"a sentence that begins with a capital: {text!r}"
    if answer.offset is not None:
        if answer.offset not in offsets(data):
            yield f"the attribute at fault is at {answer.offset}, where there is none"
    elif answer.missing is None and text not in NO_ATTRIBUTE:
        yield f"no attribute is at fault: {text!r}"


class Worker:
    """What all that send requests have in common. around: the kinds of nl_churn.Around
    that go on meanwhile."""

    OURS = False

    def __init__(self, seed, name, spec, around=()):
        self.seed, self.name, self.number = seed, name, 0
        self.spec = spec
        self.rng = random.Random(f"{seed}/{name}")
        self.around = [a(self.rng, spec, self.OURS) for a in around]
        self.maker, self.spoiler = Maker(self.rng, self.spec), Spoiler(self.rng, self.spec)
        self.sock = Socket(self.spec)
        self.kcov = Kcov(self.spec.name)
        self.state = State.read(self.sock)
        self.counts, self.complaints, self.corpus = Counter(), [], []

    def close(self):
        for thing in self.around:
            thing.close()
        self.sock.close()

    def go_on(self):
        """Send a request, and let things go on."""
        self.step()
        turn, rest = divmod(self.number, REQUESTS)
        if self.around and not rest:
            thing = self.around[turn % len(self.around)]
            self.counts["around", type(thing).__name__] += thing.step()

    def report(self):
        return {"counts": self.counts, "complaints": self.complaints, "pcs": self.kcov.seen}

    def full(self):
        return len(self.complaints) >= COMPLAINTS

    def complain(self, request, data, answer, faults_found):
        for fault in faults_found:
            self.complaints.append(
                f"seed {self.seed}, process {self.name}, message {self.number}: {fault}; "
                f"{request.op}, {', '.join(request.how) or 'as it should be'}; "
                f"{answer and answer[:4]}; {data[:600].hex()}")

    def make(self):
        op, values = self.maker.request(self.state)
        group = self.spec.set_of(op)
        request = Request(op, self.spec.ops[op]["value"], self.spec.attrs(group, values))
        chance = self.rng.random()
        if chance < 0.35:
            return request
        if chance < 0.45:
            return self.spoiler.random()
        if chance < 0.65 and self.corpus:
            request = self.rng.choice(self.corpus)
        return self.spoiler.spoil(request, self.rng.choice((1, 1, 1, 2, 3, 6)))

    def ask(self, request):
        """Send a request. One that may have no answer is followed by one that has."""
        seq = self.sock.next_seq()
        data = request.bytes(self.sock.family, seq)
        last = None if request.answered() else self.sock.next_seq()
        self.kcov.begin()
        self.sock.send(data)
        if last:
            self.sock.send(pack(self.sock.family, self.spec.ops["session-flush"]["value"], b"",
                                ACK, last))
        answer = self.sock.answer(seq, last)
        if self.kcov.reached() and len(self.corpus) < CORPUS:
            self.corpus.append(request)
        self.number += 1
        self.counts["spoilt" if request.how else "valid",
                    "refused" if answer.error else "accepted"] += 1
        return data, answer

    def judge(self, request, data, answer):
        """What holds whoever else does what."""
        if answer.error:
            yield from judge_refusal(data, answer)
        for message in answer.replies:
            yield from self.leaks(message)

    def leaks(self, message):
        if any(half in message.raw for seed in self.maker.secrets
               for half in (seed[:16], seed[16:])):
            yield "an answer holds a seed"


class Alone(Worker):
    """The only one to configure its namespace: it knows what each request should do."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.events = Socket(self.spec, group=True, receive=1 << 24)

    def close(self):
        self.events.close()
        super().close()

    def step(self, request=None):
        """Send a request, one of its own making if none is given."""
        request = request or self.make()
        before = self.state
        data, answer = self.ask(request)
        self.state = State.read(self.sock)
        self.complain(request, data, answer, self.judge(request, data, answer))
        try:
            found = list(self.judge_change(request, data, answer, before))
        except (struct.error, KeyError, ValueError) as error:
            found = [f"accepted, but it means nothing: {error!r}"]
        self.complain(request, data, answer, found)

    def executed(self, request, data, answer):
        length = struct.unpack_from("=I", data)[0]
        done = answer.error == 0 or (answer.error is None and not request.flags & ACK)
        return (done and request.flags & REQUEST and request.flags & DUMP != DUMP and
                HEADERS <= length <= len(data))

    def judge_change(self, request, data, answer, before):
        wanted, events = before, []
        if self.executed(request, data, answer):
            op = self.spec.by_value[request.cmd]
            body = data[HEADERS:struct.unpack_from("=I", data)[0]]
            values = self.spec.decode(self.spec.set_of(op), body)
            self.counts["done", op] += 1
            yield from (f"accepted, although {f}" for f in faults(self.spec, before, op, values))
            wanted, events = before.after(op, values)
            yield from fault_after(op, wanted, values.get("name"))
            yield from self.judge_reply(op, values, answer)
        elif not request.how:
            yield "a valid request was refused"
        if self.state != wanted:
            yield f"now there is {vars(self.state)}, not {vars(wanted)}"
        yield from self.judge_events(events)

    def judge_reply(self, op, values, answer):
        """A get of one object gives what the dump does."""
        if not op.endswith("-get"):
            return
        wanted = {"session-get": lambda: self.state.sessions[values["name"]],
                  "port-get": lambda: {"dev": values["dev"]},
                  "link-get": lambda: self.state.links[values["name"]],
                  "pw-get": lambda: self.state.pws[values["name"]],
                  "vrf-get": lambda: self.state.vrfs[values["name"]],
                  "clock-get": lambda: self.state.clock}[op]()
        settle = settled_pw if op == "pw-get" else settled
        got = [settle(self.spec.decode(self.spec.set_of(op), m.data)) for m in answer.replies]
        if got != [wanted]:
            yield f"{op} gave {got}, not {wanted}"

    def judge_events(self, wanted):
        messages = self.events.pending()
        got = []
        for m in messages:
            op = self.spec.by_value[m.cmd]
            yield from self.leaks(m)
            # One follows routes and sessions, when it is looked after, the other packets.
            if op in ("pw-state-ntf", "vrf-bare-ntf"):
                continue
            settle = settled_pw if op.startswith("pw-") else settled
            got.append((op, settle(self.spec.decode(self.spec.set_of(op), m.data))))
        if got != wanted:
            yield f"events were {got}, not {wanted}"


class Together(Worker):
    """One of several in a namespace: listens, dumps and goes away at odd times too."""

    OURS = True

    def step(self):
        if self.number % 8 == 0:
            self.state = State.read(self.sock)
            self.odd()
        request = self.make()
        data, answer = self.ask(request)
        self.complain(request, data, answer, self.judge(request, data, answer))

    def odd(self):
        """A listener or a reader that goes before it has read everything."""
        group = self.rng.random() < 0.7
        with Socket(self.spec, group, self.rng.choice((1, 1 << 14, 1 << 22))) as other:
            for _ in range(self.rng.randrange(3)):
                op = self.rng.choice(("session-get", "port-get"))
                seq = other.next_seq()
                other.send(pack(other.family, self.spec.ops[op]["value"], b"",
                                REQUEST | DUMP, seq))
                try:
                    other.receive(self.rng.choice((1, 100, 4096, 1 << 17)))
                except OSError as error:
                    if error.errno not in (errno.ENOBUFS, errno.EBUSY):
                        raise
            self.counts["odd", "listener" if group else "dump"] += 1
            for message in other.pending() or []:
                self.complain(Request("event", 0, []), b"", None, self.leaks(message))
