"""Hand a script to the process that jobs are forked from, and end as it ends: `warm`.

    python -IS deliver.py ADDRESS PYTHON SCRIPT

Where nobody answers, it becomes PYTHON SCRIPT. It imports nothing but what is written in C: each
job starts it, and to import `os`, `signal` and `array` took longer than Python itself.
"""

import _signal  # pyright: ignore[reportMissingImports]: it has no stub
import _socket
import posix
import sys

LENGTH = 8
INTEGER = 4  # bytes of a file descriptor


def main(address: str, *command: str) -> int:
    """Have a script run; the exit code of its process."""
    script = command[-1]
    server = _socket.socket(_socket.AF_UNIX)
    try:
        server.connect(address)
    except OSError:
        posix.execv(command[0], command)
    variables = (name + b"=" + value for name, value in posix.environ.items())
    path = script.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
    text = b"\0".join([posix.getcwdb(), path, *variables])
    standard = b"".join(one.to_bytes(INTEGER, sys.byteorder) for one in (0, 1, 2))
    files = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, standard)]
    try:
        server.sendmsg([len(text).to_bytes(LENGTH, "big")], files)
        server.sendall(text)
        message = server.recv(LENGTH)
    except OSError:
        message = b""
    if not message:
        print("the process that this job was forked from is gone", file=sys.stderr)
        return 1
    code = int.from_bytes(message, "big", signed=True)
    if code < 0:
        if -code != _signal.SIGKILL:
            _signal.signal(-code, _signal.SIG_DFL)
        posix.kill(posix.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
