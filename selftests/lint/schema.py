#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: schema.py SCHEMA SPECIFICATION

Prints each way in which a netlink specification breaks the kernel's schema.
"""
import sys
from pathlib import Path

import jsonschema
import yaml

schema, spec = (yaml.safe_load(Path(name).read_text("utf-8")) for name in sys.argv[1:])
faults = list(jsonschema.Draft7Validator(schema).iter_errors(spec))
for fault in faults:
    print("/".join(map(str, fault.path)) + ":", fault.message)
sys.exit(bool(faults))
