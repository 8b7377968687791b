# SPDX-License-Identifier: GPL-2.0
"""The two guests as the driver sees them: what runs there, their PTP, their PHCs."""
import json
import os
import re
import socket
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OFFSET = os.path.join(HERE, "../../.build/ptp/lh-offset")
AGENT = ("10.99.0.1", 7000)
MEMORY = "0x1af4 0x1110"     # vendor and device: ivshmem
PHC = "/dev/ptp0"


class Machine:
    """One guest. side is 1, the west, or 2; the driver runs in the east."""

    def __init__(self, side):
        self.side = side
        self.daemons = {}
        self.shared = None
        self.stream = self._connect() if side == 1 else None

    @staticmethod
    def _connect():
        """It may still be booting."""
        end = time.monotonic() + 300
        while True:
            try:
                connection = socket.create_connection(AGENT, 2)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
        connection.settimeout(None)
        return connection.makefile("rw")

    def _ask(self, words, text):
        if self.stream is None:
            done = subprocess.run(words, input=text, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            return done.returncode, done.stdout
        print(json.dumps({"run": words, "input": text}), file=self.stream, flush=True)
        answer = json.loads(self.stream.readline())
        return answer["status"], answer["out"]

    def run(self, *words, text="", ok=True):
        """What the command prints; it has to succeed, unless ok is False."""
        status, out = self._ask([str(word) for word in words], text)
        if ok and status:
            raise RuntimeError(f"side {self.side}: {words}: status {status}: {out}")
        return out

    def shell(self, script, ok=True):
        return self.run("sh", "-c", script, ok=ok)

    def pe(self, *words, **options):
        return self.run("ip", "netns", "exec", "PE", *words, **options)

    def start(self, name, command, namespace="PE"):
        """A daemon, in PE if it says no other; what it says is in /tmp/NAME.log."""
        self.daemons[name] = self.shell(
            f"ip netns exec {namespace} {command} >/tmp/{name}.log 2>&1 </dev/null & echo $!").strip()

    def stop(self, name):
        self.run("kill", self.daemons.pop(name))

    def ptp_start(self):
        conf = {1: "grandmaster.conf -i ptp", 2: "slave.conf"}[self.side]
        self.start("ptp4l", f"ptp4l -m -f {HERE}/{conf}", "TIME")

    def follow(self):
        """The PHC follows the system's clock, 37 s ahead."""
        self.start("phc2sys", f"phc2sys -m -s CLOCK_REALTIME -c {PHC} -O 37 -R 8 -S 0.0005")

    def knob(self, knob, number):
        self.shell(f"echo '{knob} {number}' >/sys/kernel/debug/lh_phc/0")

    def memory(self):
        """The file of the memory that the guests share."""
        if self.shared is None:
            self.shared = self._find_memory()
        return self.shared

    def _find_memory(self):
        script = "cd /sys/bus/pci/devices; for d in *; do echo $d $(cat $d/vendor $d/device); done"
        device = re.search(f"(.*) {MEMORY}", self.shell(script))[1]
        self.shell(f"echo 1 >/sys/bus/pci/devices/{device}/enable")
        return f"/sys/bus/pci/devices/{device}/resource2"


class Ahead(threading.Thread):
    """lh-offset on one side."""

    def __init__(self, machine, seconds):
        super().__init__()
        self.machine, self.seconds, self.ns = machine, seconds, None

    def run(self):
        out = self.machine.run(OFFSET, self.machine.side - 1, PHC, self.machine.memory(),
                               self.seconds)
        self.ns = int(out)


def offset(west, east, seconds=1):
    """(by how many ns the east's PHC is ahead of the west's, or more or less by this)"""
    both = [Ahead(machine, seconds) for machine in (west, east)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    behind, ahead = (one.ns for one in both)
    # One that drifts meanwhile may seem to be ahead of itself.
    return (ahead - behind) / 2, abs(ahead + behind) / 2
