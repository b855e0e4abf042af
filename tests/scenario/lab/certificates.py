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
