# SPDX-License-Identifier: BSD-2-Clause
"""Certificates, made by `openssl` as docs/transports.md has it."""
import subprocess


class Certificate:
    """Self-signed, in `folder`: key and certificate in files of their own."""

    def __init__(self, folder, name="sip.example.test", days=90):
        folder.mkdir(exist_ok=True)
        self.file = folder / "certificate.pem"
        self.key = folder / "key.pem"
        self.make(name, days)

    def make(self, name, days=90):
        """Again, with another key."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", str(days), "-subj", f"/CN={name}",
             "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1",
             "-keyout", str(self.key), "-out", str(self.file)],
            check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def transport(self, port, more=""):
        return (f"[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1:{port}\n"
                f"cert_file={self.file}\npriv_key_file={self.key}\n{more}\n")


class Authority:
    """Who signs the certificates of clients, each with its key in one file."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.file = folder / "authority.pem"
        self.key = folder / "authority.key"
        self._openssl("req", "-x509", *_NEW_KEY, "-days", "90", "-subj", "/CN=Authority",
                      "-keyout", self.key, "-out", self.file)

    @staticmethod
    def _openssl(*words):
        subprocess.run(["openssl", *(str(word) for word in words)], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def sign(self, name, days=90, self_signed=False, address=None):
        """The file; days below zero: it ended so many days ago."""
        key, request, made = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
        also = f",IP:{address}" if address else ""
        self._openssl("req", "-new", *_NEW_KEY, "-subj", f"/CN={name}", "-addext",
                      f"subjectAltName=DNS:{name}{also}", "-keyout", key, "-out", request)
        signer = ["-key", key] if self_signed else ["-CA", self.file, "-CAkey", self.key,
                                                    "-CAcreateserial"]
        self._openssl("x509", "-req", "-in", request, *signer, "-days", days,
                      "-copy_extensions", "copy", "-out", made)
        whole = self.folder / f"{name}.pem"
        whole.write_text(made.read_text() + key.read_text())
        return whole


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
