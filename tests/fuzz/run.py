#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the fuzz targets and run each for a while, as many at once as there are processors.

    tests/fuzz/run.py [--time T] [--field-time T] [--jobs N] [--build DIR] [TARGET ...]
    tests/fuzz/run.py --coverage [TARGET ...]
    tests/fuzz/run.py --table

TARGET is a name such as `uri` or `field_via`; without one, all.  --time is that of each (60, 60s, 5m,
1h), --field-time that of each decoder of a header field (the same, unless given).  --coverage runs
what is in the corpora once, in a build of its own, and prints what part of each source file that
reaches.  --table prints what each target has had so far: minutes of processor time, not of the
clock, since the corpora began.

Seeds: the messages of bench/corpus and tests/torture, the sample configuration, tests/fuzz/server
and the lines of tests/fuzz/seeds.txt.  What is found grows DIR/corpus; an input that ends a target
is put beside it, and the way to repeat it is printed.
"""
import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SANITIZED = ["-Db_sanitize=address,undefined", "-Dc_args=-fsanitize=fuzzer-no-link"]
COVERED = ["-Dc_args=-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping",
           "-Dc_link_args=-fprofile-instr-generate"]
MESSAGES = ["bench/corpus", "tests/torture"]
# Seeds that are files, and a dictionary, of the targets that have some.
TARGETS = {
    "certificate": ([], "certificate.dict"),
    "configuration": (["examples/config", "tests/unit/program/configurations"],
                      "configuration.dict"),
    "control": ([], "control.dict"),
    "decline": ([], "field.dict"),
    "dns_answer": ([], "dns.dict"),
    "explain": (["tests/fuzz/server"], "server.dict"),
    "framer": (MESSAGES, "message.dict"),
    "gruu": ([], "field.dict"),
    "hop_request": (MESSAGES, "message.dict"),
    "index": (MESSAGES, "message.dict"),
    "mend": (MESSAGES, "message.dict"),
    "message": (MESSAGES, "message.dict"),
    "proxy_header": ([], "proxy.dict"),
    "reconnect": (MESSAGES, "message.dict"),
    "server": (["tests/fuzz/server"], "server.dict"),
    "trace": (MESSAGES, "message.dict"),
    "trace_filter": ([], "control.dict"),
    "uri": ([], "field.dict"),
    "websocket_frames": ([], "websocket.dict"),
    "websocket_handshake": ([], "websocket.dict"),
    "words": ([], "control.dict"),
}
FIELD_LEN = 512
LEN = 8192
DONE = re.compile(r"DONE\s+cov: (\d+) ft: (\d+) corp: (\d+)")
RUNS = re.compile(r"number_of_executed_units: (\d+)")
WRITTEN = re.compile(r"Test unit written to (\S+)")
# What says nothing of a finding: progress, and the fuzzer's own part of a stack.
PROGRESS = re.compile(r"#\d+\s|INFO: |Dictionary: |\s+NEW_FUNC|"
                      r"\s+#\d+ 0x\w+ in (fuzzer::|main |_start |__libc_start)")
CAUSE = re.compile(r"not true: |runtime error: |ERROR: ")


def build(folder, options):
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(folder), str(ROOT), "-Dfuzz=true", "-Dtests=true",
                        "-Db_lundef=false", *options], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, **clang(), "LLVM_PROFILE_FILE": os.devnull})
    # A build that is there may be of other targets.
    subprocess.run(["ninja", "-C", str(folder), "build.ninja"], check=True,
                   stdout=subprocess.DEVNULL)
    listed = subprocess.run(["ninja", "-C", str(folder), "-t", "targets", "all"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    names = sorted(set(re.findall(r"^tests/fuzz/fuzz_(\w+):", listed, re.MULTILINE)))
    return names


def clang():
    """Whatever CC is, it has to be a clang; a cache before it stays."""
    cc = os.environ.get("CC", "")
    return {} if "clang" in cc else {"CC": "ccache clang" if "ccache" in cc else "clang"}


def compile_targets(folder, names):
    done = subprocess.run(["ninja", "-C", str(folder), *(f"tests/fuzz/fuzz_{n}" for n in names)],
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"fuzz: the targets do not build\n{done.stdout[-4000:]}")


def seed_lines(name):
    """The texts of seeds.txt for that target, `\\n` and `\\xNN` undone."""
    for line in (HERE / "seeds.txt").read_text(encoding="ascii").splitlines():
        target, _, text = line.partition(" ")
        if target == name:
            yield text.encode().decode("unicode_escape").encode("latin-1")


def seeds(folder, name):
    """The folders with seeds of a target; those that are lines become files."""
    made = folder / "seeds" / name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for number, text in enumerate(seed_lines(name)):
        (made / str(number)).write_bytes(text)
    return [str(ROOT / path) for path in TARGETS.get(name, ([], None))[0]] + [str(made)]


def dictionary(name):
    named = "field.dict" if name.startswith("field_") else TARGETS[name][1]
    return [f"-dict={HERE / named}"] if named else []


def finding(output):
    """What ended a target, the cause in the first line, and the input itself: where the run was on
    another machine, what is printed is all that is left of it."""
    said = [line for line in output.splitlines() if not PROGRESS.match(line)]
    causes = [number for number, line in enumerate(said) if CAUSE.search(line)]
    words = "\n".join(said[causes[0]:])[:4000] if causes else "\n".join(said)[-4000:]
    written = WRITTEN.search(output)
    if written and pathlib.Path(written[1]).exists():
        packed = base64.b64encode(zlib.compress(pathlib.Path(written[1]).read_bytes(), 9)).decode()
        words += f"\nthe input, zlib and base64: {packed}"
    return words


def run_for(command, folder, seconds, output):
    """(exit code or None where it had to be killed, seconds of processor time)"""
    environment = {**os.environ, "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
    environment.pop("ASAN_OPTIONS", None)
    child = subprocess.Popen(command, cwd=folder, env=environment, stdout=output,
                             stderr=subprocess.STDOUT)
    late = threading.Timer(seconds, child.kill)
    late.start()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    in_time = late.is_alive()
    late.cancel()
    return child.returncode if in_time else None, used.ru_utime + used.ru_stime


def fuzz(folder, name, seconds, tally):
    """(name, whether it went well, what to say)"""
    corpus = folder / "corpus" / f"fuzz_{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    command = [str(folder / "tests/fuzz" / f"fuzz_{name}"), f"-max_total_time={seconds}",
               f"-max_len={FIELD_LEN if name.startswith('field_') else LEN}", "-timeout=20",
               "-print_final_stats=1", f"-artifact_prefix={folder}/{name}-", *dictionary(name),
               str(corpus), *seeds(folder, name)]
    with tempfile.TemporaryFile() as file:
        code, used = run_for(command, folder, seconds + 120, file)
        file.seek(0)
        output = file.read().decode(errors="replace")
    if code is None:
        return name, False, f"not done in {seconds + 120} s\n{output[-2000:]}"
    ended = DONE.search(output)
    runs = RUNS.search(output)
    if code != 0 or not ended or not runs:
        return name, False, finding(output)
    tally.add(name, used, int(runs[1]), int(ended[1]), int(ended[2]))
    return name, True, (f"{int(runs[1])} runs, {ended[1]} edges, {ended[2]} features, "
                        f"{ended[3]} inputs kept")


class Tally:
    """What each target's corpus has cost so far, kept beside the corpora: hours come together."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.rows = json.loads(path.read_text()) if path.exists() else {}

    def add(self, name, seconds, inputs, edges, features):
        with self.lock:
            row = self.rows.setdefault(name, {"seconds": 0, "inputs": 0, "edges": 0, "grew": 0})
            row["seconds"] += seconds
            row["inputs"] += inputs
            # At the end of the run that found it: no finer than that.
            if edges > row["edges"]:
                row["grew"] = row["seconds"]
            row["edges"] = edges
            row["features"] = features
            self.path.write_text(json.dumps(self.rows, indent=1, sort_keys=True))

    def print_table(self):
        print("| target | minutes | inputs tried | edges | features | no new edge for |\n"
              "| --- | --- | --- | --- | --- | --- |")
        for name, row in sorted(self.rows.items(),
                                key=lambda item: (item[0].startswith("field_"), item[0])):
            print(f"| {name} | {row['seconds'] / 60:.1f} | {row['inputs']:,} | {row['edges']:,} | "
                  f"{row['features']:,} | {(row['seconds'] - row['grew']) / 60:.1f} |")


def cover(folder, names, corpora):
    """Run each corpus once, and have llvm-cov report."""
    raw = []
    for name in names:
        profile = folder / f"{name}.profraw"
        corpus = corpora / f"fuzz_{name}"
        corpus.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(folder / "tests/fuzz" / f"fuzz_{name}"), "-runs=0", str(corpus),
                        *seeds(folder, name)], check=True, cwd=folder, stderr=subprocess.DEVNULL,
                       env={**os.environ, "LLVM_PROFILE_FILE": str(profile)})
        raw.append(str(profile))
    merged = str(folder / "fuzz.profdata")
    subprocess.run(["llvm-profdata", "merge", "-o", merged, *raw], check=True)
    objects = [str(folder / "tests/fuzz" / f"fuzz_{name}") for name in names]
    subprocess.run(["llvm-cov", "report", f"-instr-profile={merged}",
                    "-ignore-filename-regex=tests/", objects[0],
                    *(f"-object={o}" for o in objects[1:])], check=True)


def duration(text):
    """Seconds of 60, 60s, 5m or 1h."""
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no time such as 60, 60s, 5m or 1h")
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def main():
    parser = argparse.ArgumentParser(description="Run the fuzz targets.")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--time", type=duration, default=60)
    parser.add_argument("--field-time", type=duration)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build-fuzz")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    folder = args.build.resolve()
    if args.table:
        Tally(folder / "tally.json").print_table()
        return
    if args.coverage:
        corpora = folder / "corpus"
        folder = folder.with_name(folder.name + "-coverage")
    known = build(folder, COVERED if args.coverage else SANITIZED)
    names = args.targets or known
    for name in names:
        if name not in known:
            sys.exit(f"fuzz: there is no target {name}; there are {', '.join(known)}")
    compile_targets(folder, names)
    if args.coverage:
        cover(folder, names, corpora)
        return
    field_seconds = args.time if args.field_time is None else args.field_time
    # What takes long begins first.
    order = sorted(names, key=lambda name: name.startswith("field_"))
    failed = 0
    tally = Tally(folder / "tally.json")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, ok, words in pool.map(
                lambda name: fuzz(folder, name, field_seconds if name.startswith("field_")
                                  else args.time, tally), order):
            print(f"{'ok    ' if ok else 'FAILED'} {name}: {words}", flush=True)
            if not ok:
                print(f"repeat: {folder}/tests/fuzz/fuzz_{name} {folder}/{name}-...", flush=True)
            failed += not ok
    print(f"fuzz: {len(names) - failed} of {len(names)} targets went well")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
