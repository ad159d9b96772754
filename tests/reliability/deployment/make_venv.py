"""Stands in for ``python3 -m venv FOLDER``: an environment that uses the packages of the running interpreter."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path


def main(folder: Path) -> None:
    """Make the environment, with a pip that does nothing and the server program that pip would install."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = sysconfig.get_path("purelib")
    (own,) = folder.glob("lib/python3*/site-packages")
    (own / "packages.pth").write_text(f"import site; site.addsitedir({packages!r})\n")
    program = f"#!{folder}/bin/python\nimport sys\nfrom granian.cli import entrypoint\nsys.exit(entrypoint())\n"
    for name, text in (("granian", program), ("pip", "#!/bin/sh\nexit 0\n")):
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)


if __name__ == "__main__":
    assert sys.argv[1:3] == ["-m", "venv"]
    main(Path(sys.argv[3]))
