#!/usr/bin/env python3
"""Write connect.json, directory.json and quotas.json: the parts of three API models that the practice contact center
answers by.

The models are those that botocore ships: Amazon Connect (rest-json, 2017-08-08), AWS Directory Service (2015-04-16) and
Service Quotas (2019-06-24). The operations are those that operations.rs has a row for. Only what routing and validation
need is kept, so that a reader can see a whole operation on one line. Four things in the models are corrected, each because the
service cannot mean it literally:

* patterns are anchored at both ends (the model anchors some, halves of others, and none of the rest);
* the doubled backslash in PhoneNumber's pattern and the slashes around Password's are taken off;
* a large class of characters that is repeated becomes bounds and the class;
* look-ahead, which Rust's `regex` does not know, becomes data: `contains` (each must be found) and `not_prefix`; what only forbids characters becomes a class without them.

    python3 -m venv VENV && VENV/bin/pip install -r tests/aws/requirements.txt
    VENV/bin/python src/sim/contract/generate.py            # writes them to this folder
"""

import gzip
import json
import os
import re
import sys

import botocore

HERE = os.path.dirname(os.path.abspath(__file__))

ROW = re.compile(r'\(\s*"(\w+)",\s*(?:Read|Search|Write)\(')

with open(os.path.join(HERE, "..", "operations.rs"), encoding="utf-8") as table:
    IMPLEMENTED = ROW.findall(table.read())

# The file, and the service and version of its model.
CONTRACTS = [
    ("connect.json", "connect", "2017-08-08"),
    ("directory.json", "ds", "2015-04-16"),
    ("quotas.json", "service-quotas", "2019-06-24"),
]

LOCATIONS = {"uri": "path", "querystring": "query", "header": "header"}
NUMBERS = {"integer": "integer", "long": "integer", "float": "number", "double": "number"}


def load_model(service, version):
    path = os.path.join(os.path.dirname(botocore.__file__), "data", service, version, "service-2.json.gz")
    with gzip.open(path) as packed:
        return json.load(packed)


def pattern_as_data(pattern):
    """The model's pattern as {pattern, contains, not_prefix} that Rust's regex can carry out."""
    if forbids := re.fullmatch(r"\^\(\?!((?:\.\*\\?.\|?)+)\)\.\*\$", pattern):
        characters = re.findall(r"\.\*\\?(.)\|?", forbids.group(1))
        return {"pattern": "[^" + "".join(map(re.escape, characters)) + "]*"}
    mended = pattern
    if mended.startswith("/") and mended.endswith("/"):
        mended = mended[1:-1]
    mended = mended.replace("\\\\", "\\").removeprefix("^").removesuffix("$")
    mended = re.sub(r"(\[[^\]]*)\\d([^\]]*\])", r"\g<1>0-9\g<2>", mended).replace("\\d", "[0-9]")
    data = {}
    while look := re.match(r"\(\?=\.\*((?:\[[^\]]*\]|[^)])+)\)|\(\?!([\w:-]+)\)", mended):
        if look.group(1):
            data.setdefault("contains", []).append(look.group(1))
        else:
            data["not_prefix"] = look.group(2)
        mended = mended[look.end():]
    if counted := re.fullmatch(r"(\[[^\]]*\\[pP][^\]]*\])\{(\d+),(\d+)\}", mended):
        # A large class, repeated, is more than a regex should be: the number of characters is a bound.
        mended = counted.group(1) + "*"
        data |= {"min": int(counted.group(2)), "max": int(counted.group(3))}
    if "(?=" in mended or "(?!" in mended or "(?<" in mended:
        sys.exit(f"this pattern needs a look-around that has no form as data yet: {pattern}")
    return {"pattern": mended} | data


class Shapes:
    """The shapes that are reached from the operations, each written once, so that recursion is a name."""

    def __init__(self, model):
        self.source = model["shapes"]
        self.inputs = {}
        self.outputs = {}

    def reach(self, name, constrained):
        known = self.inputs if constrained else self.outputs
        if name in known:
            return name
        known[name] = None
        known[name] = self.describe(self.source[name], constrained)
        return name

    def describe(self, shape, constrained):
        kind = shape["type"]
        data = {"type": NUMBERS.get(kind, kind)}
        if kind == "structure":
            data["members"] = [self.member(shape, name, constrained) for name in shape["members"]]
        elif kind == "list":
            data["item"] = self.reach(shape["member"]["shape"], constrained)
        elif kind == "map":
            data["key"] = self.reach(shape["key"]["shape"], constrained)
            data["value"] = self.reach(shape["value"]["shape"], constrained)
        if "enum" in shape:
            data["enum"] = shape["enum"]
        if constrained:
            data |= {bound: shape[bound] for bound in ("min", "max") if bound in shape}
            if "pattern" in shape:
                data |= pattern_as_data(shape["pattern"])
        return data

    def member(self, shape, name, constrained):
        target = shape["members"][name]
        data = {"name": name, "shape": self.reach(target["shape"], constrained)}
        if name in shape.get("required", []):
            data["required"] = True
        if "location" in target:
            data["in"] = LOCATIONS[target["location"]]
        if target.get("locationName", name) != name:
            data["wire"] = target["locationName"]
        return data

    def merged(self):
        # A shape that is both sent and received keeps its constraints; answers are checked for names and types only.
        return self.outputs | self.inputs


def template(uri):
    # An ARN holds slashes: whoever does not encode them means the same resource.
    return uri.replace("{resourceArn}", "{resourceArn+}")


def status(shape):
    if "httpStatusCode" in shape.get("error", {}):
        return shape["error"]["httpStatusCode"]
    return 500 if shape.get("fault") else 400


def contract(model, others=()):
    """The contract of a service; a name that Connect has as well is Connect's."""
    shapes = Shapes(model)
    implemented = [name for name in IMPLEMENTED if name in model["operations"] and name not in others]
    operations = []
    for name in implemented:
        declared = model["operations"][name]
        operation = {
            "name": name,
            "method": declared["http"]["method"],
            "uri": template(declared["http"]["requestUri"]),
            "errors": [error["shape"] for error in declared["errors"]],
            "input": shapes.reach(declared["input"]["shape"], True),
        }
        if "output" in declared:
            operation["output"] = shapes.reach(declared["output"]["shape"], False)
        operations.append(operation)
    elsewhere = [
        [declared["http"]["method"], template(declared["http"]["requestUri"]), name]
        for name, declared in sorted(model["operations"].items())
        if name not in implemented
    ]
    errors = {
        name: status(shape)
        for name, shape in sorted(model["shapes"].items())
        if shape.get("exception")
    }
    return {
        "source": {"botocore": botocore.__version__, "api": model["metadata"]["apiVersion"]},
        "errors": errors,
        "operations": operations,
        "shapes": dict(sorted(shapes.merged().items())),
        "others": elsewhere,
    }


def written(data):
    """One line per operation, shape and foreign operation: a change in the model reads as a change of lines."""

    def line(value):
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))

    def rows(values, indent="    "):
        return ",\n".join(indent + row for row in values)

    return "\n".join([
        "{",
        f'  "source": {line(data["source"])},',
        f'  "errors": {line(data["errors"])},',
        '  "operations": [\n' + rows(map(line, data["operations"])) + "\n  ],",
        '  "shapes": {\n' + rows(f"{line(n)}: {line(s)}" for n, s in data["shapes"].items()) + "\n  },",
        '  "others": [\n' + rows(map(line, data["others"])) + "\n  ]",
        "}",
        "",
    ])


def contracts():
    """Each file with what it is to hold."""
    connect = load_model(*CONTRACTS[0][1:])["operations"]
    for file, service, version in CONTRACTS:
        yield file, contract(load_model(service, version), () if service == "connect" else connect)


if __name__ == "__main__":
    for file, made in contracts():
        with open(os.path.join(HERE, file), "w", encoding="utf-8") as target:
            target.write(written(made))
        done, others, shapes = len(made["operations"]), len(made["others"]), len(made["shapes"])
        print(f"{file}: {done} operations implemented, {others} others, {shapes} shapes")
