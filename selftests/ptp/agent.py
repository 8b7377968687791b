#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: agent.py

In the guest of the west: runs what the driver in the other guest wants to be run. A
line is a JSON object with `run`, words, and `input`; the answer is one with `status`
and `out`. Ends with the connection.
"""
import json
import socket
import subprocess

PORT = 7000


def answer(request):
    done = subprocess.run(request["run"], input=request["input"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return {"status": done.returncode, "out": done.stdout}


def main():
    with socket.create_server(("", PORT)) as server:
        connection = server.accept()[0]
    with connection.makefile("rw") as stream:
        for line in stream:
            print(json.dumps(answer(json.loads(line))), file=stream, flush=True)


if __name__ == "__main__":
    main()
