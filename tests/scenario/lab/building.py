# SPDX-License-Identifier: BSD-2-Clause
"""Modules of one's own, compiled as their authors would."""
import atexit
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

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


class Installed:
    """The project, built like `program` and installed below a prefix of its own."""

    _one = None
    _lock = threading.Lock()

    @classmethod
    def of(cls, program):
        """Made once for all scenarios."""
        with cls._lock:
            if cls._one is None:
                cls._one = cls(program)
            return cls._one

    def __init__(self, program):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="res_sip-installed-"))
        folder.chmod(0o755)  # for servers that give root up
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        options = json.loads(command("meson", "introspect", pathlib.Path(program).parent,
                                     "--buildoptions"))
        sanitize = next(one["value"] for one in options if one["name"] == "b_sanitize")
        self.prefix = folder / "prefix"
        command("meson", "setup", folder / "build", f"--prefix={self.prefix}", "-Dtests=false",
                "-Doptimization=0", f"-Db_sanitize={sanitize}", "-Db_lundef=false")
        command("ninja", "-C", folder / "build")
        command("meson", "install", "-C", folder / "build", "--no-rebuild", "--quiet")
        self.packages = next(self.prefix.rglob("res_sip.pc")).parent
        self.modules = pathlib.Path(command("pkg-config", "--variable=moduledir", "res_sip",
                                            PKG_CONFIG_PATH=str(self.packages)).strip())

    @property
    def program(self):
        return str(self.prefix / "bin/res_sip")

    def example(self, name, folder):
        """Built and installed by its own Makefile, in a copy of its folder."""
        shutil.copytree(ROOT / "examples" / name, folder,
                        ignore=shutil.ignore_patterns("*.so"))
        command("make", "install", folder=folder, PKG_CONFIG_PATH=str(self.packages))
        if not (self.modules / f"{name}.so").exists():
            raise Failure(f"{name}.so is not installed in {self.modules}")
