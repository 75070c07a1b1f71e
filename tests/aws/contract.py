#!/usr/bin/env python3
"""Fail if src/sim/contract/connect.json is not what generate.py makes of the installed botocore."""

import difflib
import importlib.util
import pathlib
import sys

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "src" / "sim" / "contract"


def main():
    spec = importlib.util.spec_from_file_location("generate", CONTRACT / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    wanted = generate.written(generate.contract(generate.load_model()))
    found = (CONTRACT / "connect.json").read_text(encoding="utf-8")
    if wanted == found:
        print("connect.json is what generate.py makes of the installed botocore")
        return 0
    lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "connect.json", "the model", lineterm="", n=0)
    for line in list(lines)[:40]:
        print(line[:300])
    print("The contract has drifted. Run src/sim/contract/generate.py and look at what changed.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
