# SPDX-License-Identifier: GPL-2.0
"""The test vectors as a whole; see files()."""

import json

import vec_derive
import vec_params
import vec_wire


def dump(doc):
    """JSON with one line for a case: neither a wall nor a scroll."""
    def compact(value):
        return json.dumps(value, separators=(",", ":"))

    def value_lines(value):
        if isinstance(value, list):
            return "[\n" + ",\n".join("  " + compact(entry) for entry in value) + "\n]"
        return compact(value)

    return "{\n" + ",\n".join(f"{compact(k)}:{value_lines(v)}" for k, v in doc.items()) + "\n}\n"


def files():
    """The text of each file of selftests/vectors."""
    makers = {"derive.json": vec_derive.derive_vectors, "tags.json": vec_derive.tags_vectors,
              "payload.json": vec_derive.payload_vectors, "window.json": vec_wire.window_vectors,
              "verify.json": vec_wire.verify_vectors, "stamp.json": vec_wire.stamp_vectors,
              "params.json": vec_params.params_vectors}
    return {name: dump({"license": "SPDX-License-Identifier: GPL-2.0", **make()})
            for name, make in makers.items()}
