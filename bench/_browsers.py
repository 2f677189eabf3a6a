"""A thousand browsers on the event stream, in one process: `_browsers.py PORT SESSIONS.json OUT.json`. Each
comes back after two seconds with the last id it saw, as browsers do. SIGTERM ends it and writes what came.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any


async def browser(port: int, session: str, kept: dict[str, Any]) -> None:
    last = ""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            resume = f"Last-Event-ID: {last}\r\n" if last else ""
            cookie = f"Cookie: sessionid={session}\r\n"
            writer.write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}{resume}\r\n".encode())
            told = ""
            while raw := await reader.readline():
                text = raw.decode().strip("\n")
                if text.startswith("id: "):
                    told = text[4:]
                elif text.startswith('data: {"id"'):
                    kept["got"].append((int(told), time.time()))
                elif text == "event: reset":
                    kept["resets"] += 1
                elif not text and told:
                    # Only now is it an event: what is cut off before its blank line is asked for again.
                    last = told
                    kept["start"] = kept["start"] or last
            writer.close()
        except OSError:
            pass
        kept["breaks"] += 1
        await asyncio.sleep(2)


async def main(port: int, sessions: list[str], out: Path) -> None:
    kept = [{"start": "", "got": [], "resets": 0, "breaks": 0} for _ in sessions]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    tasks = []
    for session, one in zip(sessions, kept, strict=True):
        tasks.append(asyncio.ensure_future(browser(port, session, one)))
        await asyncio.sleep(0.005)
    while not ended.is_set() and not all(one["start"] for one in kept):
        await asyncio.sleep(0.1)
    out.with_suffix(".ready").touch()
    await ended.wait()
    out.write_text(json.dumps(kept))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])))
