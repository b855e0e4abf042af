# SPDX-License-Identifier: BSD-2-Clause
"""Modules of one's own, compiled as their authors would."""
import json
import os
import pathlib
import subprocess

from lab.wait import Failure

ROOT = pathlib.Path(__file__).resolve().parents[3]
USUAL = ("res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
         "res_sip_authenticator_digest", "res_sip_options", "res_sip_registrar",
         "res_sip_proxy")


def command(*words, folder=ROOT, **environment):
    done = subprocess.run([str(word) for word in words], cwd=folder, check=False,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(str(word) for word in words)}: {done.stdout[-4000:]}")
    return done.stdout


def compile_module(source, target, program):
    """For a program in its build folder."""
    build = pathlib.Path(program).parent
    target.parent.mkdir(parents=True, exist_ok=True)
    command("cc", "-std=c17", "-O1", "-g", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
            f"-I{ROOT / 'include'}", "-o", target, source, f"-L{build}", "-lres_sip")


def install(program, folder):
    """The project, built like `program` and installed below `folder`; returns the prefix."""
    options = json.loads(command("meson", "introspect", pathlib.Path(program).parent,
                                 "--buildoptions"))
    sanitize = next(one["value"] for one in options if one["name"] == "b_sanitize")
    build, prefix = folder / "build", folder / "prefix"
    command("meson", "setup", build, f"--prefix={prefix}", "-Dtests=false", "-Doptimization=0",
            f"-Db_sanitize={sanitize}", "-Db_lundef=false")
    command("ninja", "-C", build)
    command("meson", "install", "-C", build, "--no-rebuild", "--quiet")
    return prefix
