"""Serves app.py by uvicorn with uvloop and httptools, one process a core: python3 server.py DATABASE_URL PROCESSES

Ends when standard input does.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
import time

import asyncpg
import uvicorn

TABLE = """DROP TABLE IF EXISTS scans_fastapi;
    CREATE TABLE scans_fastapi (
    id UUID PRIMARY KEY, kind TEXT NOT NULL, captured_at TIMESTAMPTZ NOT NULL, name TEXT NOT NULL,
    phone TEXT NOT NULL, received_at TIMESTAMPTZ NOT NULL DEFAULT now())"""


async def make_table(url):
    connection = await asyncpg.connect(url)
    await connection.execute(TABLE)
    await connection.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def say_when_ready(port):
    """Says so once a request is answered, whatever the answer: the workers then have their pools."""
    while True:
        time.sleep(0.2)
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as asked:
                asked.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                if asked.recv(1):
                    break
        except OSError:
            continue
    print(f"ready 127.0.0.1:{port}", flush=True)


def end_with_input():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main():
    url, processes = sys.argv[1], int(sys.argv[2])
    os.environ["DATABASE_URL"] = url
    asyncio.run(make_table(url))
    port = free_port()
    threading.Thread(target=say_when_ready, args=[port], daemon=True).start()
    threading.Thread(target=end_with_input, daemon=True).start()
    settings = {"loop": "uvloop", "http": "httptools", "log_level": "warning", "access_log": False}
    uvicorn.run("app:app", host="127.0.0.1", port=port, workers=processes, **settings)


if __name__ == "__main__":
    main()
