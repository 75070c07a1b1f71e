#!/usr/bin/env python3
"""Fail if a contract in src/sim/contract is not what generate.py makes of the installed botocore."""

import difflib
import importlib.util
import pathlib
import sys

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "src" / "sim" / "contract"


def main():
    spec = importlib.util.spec_from_file_location("generate", CONTRACT / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    drifted = [file for file, made in generate.contracts() if has_drifted(file, generate.written(made))]
    if drifted:
        print("The contract has drifted. Run src/sim/contract/generate.py and look at what changed.")
    return 1 if drifted else 0


def has_drifted(file, wanted):
    found = (CONTRACT / file).read_text(encoding="utf-8")
    if wanted == found:
        print(f"{file} is what generate.py makes of the installed botocore")
        return False
    lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), file, "the model", lineterm="", n=0)
    for line in list(lines)[:40]:
        print(line[:300])
    return True


if __name__ == "__main__":
    sys.exit(main())
